//! Many calls to a service that misbehaves at random.

use msgraph_faults::soak;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_is_lost_or_doubled() {
    let report = soak::run(4000, 32, 0x50a4).await.unwrap();
    assert_eq!((report.calls, report.lost, report.doubled), (4000, 0, 0), "{report}");
    // Every twentieth answer is a fault; the repetitions get some too.
    assert!((120..400).contains(&report.faults), "{report}");
    assert!((1..200).contains(&report.unknown), "{report}");
}
