//! Small models of every kind of property, as the generator would write them.

use msgraph_core::odata::{
    Binary, Date, DateTime, Decimal, Duration, EnumDef, Flags, Guid, IsA, Mut, Object, Open, Prop, Props, Ref, Secret,
    TimeOfDay, Type, Value,
};

/// A struct and its table. The names must be sorted, as `verify_table` checks.
macro_rules! model {
    (
        $props:ident $(as $object:ident)?: $name:literal $(derived $derived:expr)?;
        $($field:ident $wire:literal $slot:ident $type:ty,)*
    ) => {
        #[derive(Default)]
        pub(crate) struct $props {
            $(pub(crate) $field: Prop<$type>,)*
        }

        $(pub(crate) type $object = Object<$props>;)?

        impl Props for $props {
            const TYPE: &'static Type =
                &Type { name: $name, names: &[$($wire),*], derived: [$($derived as &[&str],)? &[]][0] };

            fn get(&self, i: usize) -> Ref<'_> {
                let slots: &[for<'a> fn(&'a Self) -> Ref<'a>] = &[$(|props| Ref::$slot(&props.$field)),*];
                slots.get(i).map_or(Ref::None, |slot| slot(self))
            }

            fn get_mut(&mut self, i: usize) -> Mut<'_> {
                let slots: &[for<'a> fn(&'a mut Self) -> Mut<'a>] = &[$(|props| Mut::$slot(&mut props.$field)),*];
                slots.get(i).map_or(Mut::None, |slot| slot(self))
            }
        }
    };
}

model! {
    EntityProps as Entity: "test.entity" derived &["test.admin", "test.device", "test.directoryObject", "test.user"];
    id "id" String String,
}

model! {
    DirectoryObjectProps as DirectoryObject: "test.directoryObject" derived &["test.admin", "test.device", "test.user"];
    deleted "deletedDateTime" DateTime DateTime,
    id "id" String String,
}

model! {
    UserProps as User: "test.user" derived &["test.admin"];
    account_enabled "accountEnabled" Bool bool,
    business_phones "businessPhones" Strings Vec<String>,
    created "createdDateTime" DateTime DateTime,
    deleted "deletedDateTime" DateTime DateTime,
    id "id" String String,
    identities "identities" Objects Vec<Object<IdentityProps>>,
    job_title "jobTitle" String String,
    password_profile "passwordProfile" Object Object<PasswordProfileProps>,
    state "state" Enum Open<State>,
}

model! {
    AdminProps as Admin: "test.admin";
    account_enabled "accountEnabled" Bool bool,
    business_phones "businessPhones" Strings Vec<String>,
    created "createdDateTime" DateTime DateTime,
    deleted "deletedDateTime" DateTime DateTime,
    id "id" String String,
    identities "identities" Objects Vec<Object<IdentityProps>>,
    job_title "jobTitle" String String,
    password_profile "passwordProfile" Object Object<PasswordProfileProps>,
    quota "quota" Int64 i64,
    state "state" Enum Open<State>,
}

model! {
    DeviceProps as Device: "test.device";
    deleted "deletedDateTime" DateTime DateTime,
    id "id" String String,
}

model! {
    IdentityProps: "test.identity";
    issuer "issuer" String String,
    sign_in_type "signInType" String String,
}

model! {
    PasswordProfileProps as PasswordProfile: "test.passwordProfile";
    force "forceChange" Bool bool,
    password "password" Secret Secret,
}

model! {
    AuthenticationProps as Authentication: "test.authentication" derived &["test.basic", "test.pkcs12"];
}

model! {
    BasicProps as Basic: "test.basic";
    password "password" Secret Secret,
    username "username" String String,
}

model! {
    Pkcs12Props as Pkcs12: "test.pkcs12";
    password "password" Secret Secret,
    pkcs12_value "pkcs12Value" Secret Secret,
}

model! {
    ConnectorProps as Connector: "test.connector";
    authentication "authentication" Object Object<AuthenticationProps>,
    display_name "displayName" String String,
}

model! {
    CertificateProps as Certificate: "test.certificate";
    key "key" Binary Binary,
    key_id "keyId" Guid Guid,
    r#type "type" String String,
}

model! {
    EverythingProps as Everything: "test.everything";
    binaries "aBinaries" Binaries Vec<Binary>,
    bools "aBools" Bools Vec<bool>,
    date_times "aDateTimes" DateTimes Vec<DateTime>,
    dates "aDates" Dates Vec<Date>,
    doubles "aDoubles" Doubles Vec<f64>,
    enums "aEnums" Enums Vec<Open<State>>,
    guids "aGuids" Guids Vec<Guid>,
    int32s "aInt32s" Int32s Vec<i32>,
    int64s "aInt64s" Int64s Vec<i64>,
    objects "aObjects" Objects Vec<Object<EverythingProps>>,
    secrets "aSecrets" Secrets Vec<Secret>,
    strings "aStrings" Strings Vec<String>,
    untypeds "aUntypeds" Untypeds Vec<Value>,
    binary "binary" Binary Binary,
    boolean "bool" Bool bool,
    byte "byte" Byte u8,
    date "date" Date Date,
    date_time "dateTime" DateTime DateTime,
    decimal "decimal" Decimal Decimal,
    double "double" Double f64,
    duration "duration" Duration Duration,
    state "enum" Enum Open<State>,
    flags "flags" Enum Flags<Method>,
    guid "guid" Guid Guid,
    int16 "int16" Int16 i16,
    int32 "int32" Int32 i32,
    int64 "int64" Int64 i64,
    object "object" Object Object<EverythingProps>,
    hidden "secret" Secret Secret,
    single "single" Single f32,
    string "string" String String,
    time "timeOfDay" TimeOfDay TimeOfDay,
    untyped "untyped" Untyped Value,
}

model! {
    WrongProps: "test.wrong";
    b "b" String String,
    a "a" String String,
}

impl IsA<EntityProps> for DirectoryObjectProps {}
impl IsA<EntityProps> for UserProps {}
impl IsA<DirectoryObjectProps> for UserProps {}
impl IsA<DirectoryObjectProps> for AdminProps {}
impl IsA<DirectoryObjectProps> for DeviceProps {}
impl IsA<UserProps> for AdminProps {}
impl IsA<AuthenticationProps> for BasicProps {}
impl IsA<AuthenticationProps> for Pkcs12Props {}

pub(crate) enum State {
    Enabled,
    Disabled,
}

impl EnumDef for State {
    const NAME: &'static str = "test.state";
    const MEMBERS: &'static [(&'static str, Self)] = &[("enabled", Self::Enabled), ("disabled", Self::Disabled)];
}

pub(crate) enum Method {
    Password,
    Sms,
    Fido2,
}

impl EnumDef for Method {
    const NAME: &'static str = "test.method";
    const MEMBERS: &'static [(&'static str, Self)] =
        &[("password", Self::Password), ("sms", Self::Sms), ("fido2", Self::Fido2)];
}
