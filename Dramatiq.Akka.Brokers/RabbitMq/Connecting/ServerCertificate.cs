using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Connecting;

/// <summary>
/// Judges the certificate that a server shows on <c>amqps://</c>: it must be in date, from a trusted authority, and for the host that the URL names. RabbitMQ.Client by itself lets any name pass.
/// </summary>
internal sealed class ServerCertificate(Uri url, RabbitMqSettings settings)
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>What is wrong with the one that was shown last, and what to do; null when nothing is.</summary>
    public string? Problem { get; private set; }

    public void Guard(SslOption ssl)
    {
        ssl.ServerName = url.Host.Trim('[', ']');
        ssl.AcceptablePolicyErrors = SslPolicyErrors.None;
        ssl.CertificateValidationCallback = Accepts;
    }

    private bool Accepts(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (shown is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            Problem = "it shows no certificate. Give the server one (ssl_options.certfile), or use amqp:// if its port is without TLS";
            return false;
        }

        var certificate = shown as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(shown.GetRawCertData());
        Problem = settings.Authorities is { } authorities ? Distrust(certificate, chain, authorities)
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? Distrust(certificate, chain!.ChainStatus)
            : null;
        if (Problem is null && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            Problem = $"its certificate is for {NamesOf(certificate)}, and not for {url.Host}. Use a name of the certificate in dramatiq.rabbitmq.url, or give the server a certificate for this one";
        return Problem is null;
    }

    /// <summary>Only the configured authorities count, whatever the machine trusts.</summary>
    private string? Distrust(X509Certificate2 certificate, X509Chain? shown, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        if (shown is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
            foreach (var element in shown.ChainElements)
                chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate) ? null : Distrust(certificate, chain.ChainStatus);
    }

    private string Distrust(X509Certificate2 certificate, X509ChainStatus[] faults)
    {
        if (faults.Length > 0 && Array.TrueForAll(faults, static fault => fault.Status is X509ChainStatusFlags.NotTimeValid))
            return $"its certificate ({certificate.Subject}) is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}. Renew it, or set this machine's clock right";

        var why = string.Join(", ", faults.Select(static fault => fault.Status).Distinct());
        return $"its certificate ({certificate.Subject}, issued by {certificate.Issuer}) is not trusted ({why}). "
            + (settings.Authorities is null
                ? "Set dramatiq.rabbitmq.tls.ca-file to a PEM file with the certificate of the authority that issued it, or let this machine trust that authority"
                : $"Put the certificate of the authority that issued it into {settings.CaFile} (dramatiq.rabbitmq.tls.ca-file)");
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString())));
        return string.Join(", ", names) is { Length: > 0 } all ? all : certificate.Subject;
    }
}
