using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>An authority of the test's own, with a certificate for a server on 127.0.0.1 and one for a client, in files of a folder that goes with it.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dramatiq-tls-").FullName;

    public TestCertificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());

        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        using var server = Issue(authority, "CN=test-server", "1.3.6.1.5.5.7.3.1", names.Build(), now);
        File.WriteAllText(ServerFile, server.ExportCertificatePem());
        File.WriteAllText(ServerKeyFile, server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        using var client = Issue(authority, "CN=test-client", "1.3.6.1.5.5.7.3.2", null, now);
        File.WriteAllBytes(ClientFile, client.Export(X509ContentType.Pfx, ""));
    }

    public string AuthorityFile => Path.Combine(_folder, "authority.pem");

    public string ClientFile => Path.Combine(_folder, "client.pfx");

    private string ServerFile => Path.Combine(_folder, "server.pem");

    private string ServerKeyFile => Path.Combine(_folder, "server-key.pem");

    /// <summary>The lines of rabbitmq.conf that make the server listen with TLS: on the address of its certificate, and on one that is not in it.</summary>
    public string ServerConfiguration(int port, bool asksForClientCertificate) => $"""
        listeners.ssl.1 = 127.0.0.1:{port}
        listeners.ssl.2 = 127.0.0.2:{port}
        ssl_options.cacertfile = {AuthorityFile}
        ssl_options.certfile = {ServerFile}
        ssl_options.keyfile = {ServerKeyFile}
        ssl_options.verify = {(asksForClientCertificate ? "verify_peer" : "verify_none")}
        ssl_options.fail_if_no_peer_cert = {(asksForClientCertificate ? "true" : "false")}

        """;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static X509Certificate2 Issue(X509Certificate2 authority, string subject, string purpose, X509Extension? names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (names is not null)
            request.CertificateExtensions.Add(names);
        using var signed = request.Create(authority, now.AddHours(-1), now.AddDays(1), Guid.NewGuid().ToByteArray());
        return signed.CopyWithPrivateKey(key);
    }
}
