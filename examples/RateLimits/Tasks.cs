using Dramatiq.Akka.RateLimits;

namespace Dramatiq.Akka.Examples.Limits;

/// <summary>One page of a tenant's report. A tenant's pages run one after the other, and keep nobody else's waiting.</summary>
public sealed record Report(string Tenant, int Page);

/// <summary>A mail. The provider takes three a second.</summary>
public sealed record Mail(int Number);

/// <summary>An import, of which one may run; others are not worth waiting for.</summary>
public sealed record Import(string Source);

internal sealed class Reports : TaskActor
{
    public Reports(Log log) => ReceiveAsync<Report>(async report =>
    {
        log.Add($"report {report.Tenant} {report.Page} begins");
        await Task.Delay(50, Cancellation);
    });
}

internal sealed class Mails : TaskActor
{
    public Mails(Log log) => Receive<Mail>(mail => log.Add($"mail {mail.Number}"));
}

internal sealed class Imports : TaskActor
{
    public Imports(RateLimiters limiters, Log log) => ReceiveAsync<Import>(async import =>
    {
        await using var slot = await limiters.Concurrent("import").TryAcquireAsync(Cancellation);
        if (slot is null)
        {
            log.Add($"import {import.Source} is not needed: another one runs");
            return;
        }

        log.Add($"import {import.Source}");
        await Task.Delay(500, Cancellation);
    });
}
