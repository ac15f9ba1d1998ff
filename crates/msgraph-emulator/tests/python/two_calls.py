"""Microsoft's own Python SDK against the emulator: the client-certificate upload and the token-signing certificate.

    python two_calls.py http://127.0.0.1:8765

The SDK's serialisation, paths and models are Microsoft's; only where the requests go and how they get their token is set
here. A wrong answer ends the script with an AssertionError and a status other than 0.
"""

import asyncio
import base64
import datetime
import sys

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.request_information import RequestInformation
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.identity.api_connectors.item.upload_client_certificate.upload_client_certificate_post_request_body import (
    UploadClientCertificatePostRequestBody,
)
from msgraph.generated.models.application import Application
from msgraph.generated.models.basic_authentication import BasicAuthentication
from msgraph.generated.models.client_certificate_authentication import ClientCertificateAuthentication
from msgraph.generated.models.identity_api_connector import IdentityApiConnector
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.service_principal import ServicePrincipal
from msgraph.generated.service_principals.item.add_token_signing_certificate.add_token_signing_certificate_post_request_body import (
    AddTokenSigningCertificatePostRequestBody,
)

PASSWORD = "correct horse"


class EmulatorToken(AuthenticationProvider):
    """Puts the emulator's token on requests. The SDK's own providers insist on https, which loopback does not need."""

    def __init__(self, token: str) -> None:
        self.token = token

    async def authenticate_request(self, request: RequestInformation, additional_authentication_context=None) -> None:
        request.headers.add("Authorization", f"Bearer {self.token}")


async def fetch_token(base_url: str) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": "python-proof",
        "client_secret": "any secret",
        "scope": "https://graph.microsoft.com/.default",
    }
    async with httpx.AsyncClient() as http:
        response = await http.post(f"{base_url}/contoso.example/oauth2/v2.0/token", data=form)
    response.raise_for_status()
    return response.json()["access_token"]


def graph_client(base_url: str, token: str) -> GraphServiceClient:
    adapter = GraphRequestAdapter(EmulatorToken(token))
    adapter.base_url = f"{base_url}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def make_certificate() -> tuple[x509.Certificate, bytes]:
    """A self-signed certificate, and a PKCS#12 file that holds it with its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "python-proof")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
    certificate = builder.sign(key, hashes.SHA256())
    encryption = serialization.BestAvailableEncryption(PASSWORD.encode())
    return certificate, pkcs12.serialize_key_and_certificates(b"proof", key, certificate, None, encryption)


def thumbprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA1()).hex().upper()


async def upload_client_certificate(graph: GraphServiceClient) -> None:
    connector = await graph.identity.api_connectors.post(
        IdentityApiConnector(
            display_name="Proof",
            target_url="https://api.contoso.example",
            authentication_configuration=BasicAuthentication(username="user", password="secret"),
        )
    )
    authentication = connector.authentication_configuration
    assert isinstance(authentication, BasicAuthentication), authentication
    assert (authentication.username, authentication.password) == ("user", None)

    certificate, file = make_certificate()
    action = graph.identity.api_connectors.by_identity_api_connector_id(connector.id).upload_client_certificate
    body = UploadClientCertificatePostRequestBody(
        pkcs12_value=base64.b64encode(file).decode(), password=PASSWORD
    )
    updated = await action.post(body)
    assert updated.id == connector.id
    authentication = updated.authentication_configuration
    assert isinstance(authentication, ClientCertificateAuthentication), authentication
    [shown] = authentication.certificate_list
    assert shown.thumbprint == thumbprint(certificate), shown.thumbprint
    assert shown.not_before == int(certificate.not_valid_before_utc.timestamp())
    assert shown.not_after == int(certificate.not_valid_after_utc.timestamp())
    assert shown.is_active is True

    body.password = "wrong"
    try:
        await action.post(body)
    except ODataError as refused:
        assert refused.response_status_code == 400, refused
        assert "password" in refused.error.message, refused
    else:
        raise AssertionError("a wrong password was accepted")


async def add_token_signing_certificate(graph: GraphServiceClient, base_url: str) -> None:
    application = await graph.applications.post(Application(display_name="Proof"))
    principal = await graph.service_principals.post(ServicePrincipal(app_id=application.app_id))
    by_id = graph.service_principals.by_service_principal_id(principal.id)
    by_app_id = graph.service_principals_with_app_id(application.app_id)
    end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=365)
    body = AddTokenSigningCertificatePostRequestBody(display_name="CN=Proof", end_date_time=end)

    # The SDK has no builder for this action behind an appId; the URL is the documented one.
    url = f"{base_url}/v1.0/servicePrincipals(appId='{application.app_id}')/addTokenSigningCertificate"
    by_either_key = [by_id.add_token_signing_certificate, by_id.add_token_signing_certificate.with_url(url)]
    for number, action in enumerate(by_either_key, 1):
        added = await action.post(body)
        certificate = x509.load_der_x509_certificate(added.key)
        certificate.verify_directly_issued_by(certificate)
        assert certificate.public_key().key_size == 2048
        assert certificate.subject.rfc4514_string() == added.display_name == "CN=Proof"
        assert certificate.not_valid_after_utc == added.end_date_time == end
        assert thumbprint(certificate) == added.thumbprint
        assert added.custom_key_identifier.hex().upper() == added.thumbprint
        assert (added.type, added.usage) == ("AsymmetricX509Cert", "Verify")

        stored = await by_id.get()
        keys = [key for key in stored.key_credentials if key.custom_key_identifier == added.custom_key_identifier]
        assert sorted((key.usage, key.type) for key in keys) == [
            ("Sign", "X509CertAndPassword"),
            ("Verify", "AsymmetricX509Cert"),
        ]
        [sign] = [key for key in keys if key.usage == "Sign"]
        assert added.key_id == sign.key_id == stored.password_credentials[-1].key_id
        assert len(stored.key_credentials) == 2 * number

    await by_id.patch(ServicePrincipal(preferred_token_signing_key_thumbprint=added.thumbprint))
    stored = await by_app_id.get()
    assert stored.preferred_token_signing_key_thumbprint == added.thumbprint

    body.display_name = "Proof"
    try:
        await by_id.add_token_signing_certificate.post(body)
    except ODataError as refused:
        assert (refused.response_status_code, refused.error.code) == (400, "Request_BadRequest"), refused
        assert "CN=" in refused.error.message, refused
    else:
        raise AssertionError("a display name without CN= was accepted")


async def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python two_calls.py http://HOST:PORT")
    base_url = sys.argv[1].rstrip("/")
    graph = graph_client(base_url, await fetch_token(base_url))
    await upload_client_certificate(graph)
    print("uploadClientCertificate: ok")
    await add_token_signing_certificate(graph, base_url)
    print("addTokenSigningCertificate: ok")


asyncio.run(main())
