using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Whom TLS trusts, and as whom it speaks. Both connections go by it.</summary>
internal sealed class RedisTls
{
    private readonly X509Certificate2Collection? _authorities;
    private readonly SslStreamCertificateContext? _own;

    /// <param name="caFile">PEM; empty for those that the machine trusts.</param>
    /// <param name="certificateFile">PEM; empty for none.</param>
    /// <param name="keyFile">PEM; empty where the certificate's file holds the key too.</param>
    /// <exception cref="ConfigurationException">A file cannot be read, or holds nothing of the kind.</exception>
    public RedisTls(string caFile, string certificateFile, string keyFile)
    {
        if (caFile.Length > 0) _authorities = Read("tls-ca-file", caFile, Authorities);
        if (certificateFile.Length > 0) _own = Read("tls-certificate-file", certificateFile, file => Own(file, keyFile.Length > 0 ? keyFile : null));
        else if (keyFile.Length > 0) throw new ConfigurationException($"dramatiq.redis.tls-key-file is '{keyFile}', but tls-certificate-file is empty: name the certificate that the key belongs to.");
    }

    /// <summary>Whether nothing differs from what .NET does by itself.</summary>
    public bool IsDefault => _authorities is null && _own is null;

    /// <summary>Made anew for each connection, since a stream keeps what it was given.</summary>
    public SslClientAuthenticationOptions OptionsFor(string host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host, ClientCertificateContext = _own };
        if (_authorities is null) return options;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        return options;
    }

    private static X509Certificate2Collection Authorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("It holds no certificate.");
    }

    private static SslStreamCertificateContext Own(string file, string? keyFile)
    {
        using var pem = X509Certificate2.CreateFromPemFile(file, keyFile);
        // Not every platform can use a key that was never stored: one that went through PKCS #12 will do everywhere.
        return SslStreamCertificateContext.Create(X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null), additionalCertificates: null, offline: true);
    }

    private static T Read<T>(string key, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new ConfigurationException($"dramatiq.redis.{key} is '{file}', which cannot be used: {error.Message} It must be a PEM file.", error);
        }
    }
}
