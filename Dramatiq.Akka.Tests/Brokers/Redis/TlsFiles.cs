using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>A CA of the test's own, and what it signed, as PEM files in a folder.</summary>
internal sealed class TlsFiles
{
    private readonly string _folder;

    public TlsFiles(string folder)
    {
        _folder = folder;
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=a private CA", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(10));
        File.WriteAllText(Authority, authority.ExportCertificatePem());
        Sign(authority, "server");
        Sign(authority, "client");
    }

    public string Authority => Path.Combine(_folder, "ca.pem");

    public string Certificate(string name) => Path.Combine(_folder, name + ".pem");

    public string Key(string name) => Path.Combine(_folder, name + ".key");

    private void Sign(X509Certificate2 authority, string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Certificate(name), signed.ExportCertificatePem());
        File.WriteAllText(Key(name), key.ExportPkcs8PrivateKeyPem());
    }
}
