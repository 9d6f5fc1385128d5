using Akka.Event;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Management.Hosting;

/// <summary>A web server of its own, for a process that is none.</summary>
internal sealed class ManagementListener : IAsyncDisposable
{
    /// <summary>Who listens to events never ends by himself; there is nothing of value to wait for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;

    private ManagementListener(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Starts to listen; null when that is switched off, or the address cannot be had, which the log says.</summary>
    public static async Task<ManagementListener?> StartAsync(ManagementSite site)
    {
        var settings = site.Settings;
        if (!settings.Enabled)
            return null;

        var app = Build(site);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            site.Log.Error("The management cannot listen on {0}:{1}, and this process runs without it: {2} Give it another address: dramatiq.management.port = 0 takes any free one.", settings.Host, settings.Port, error.Message);
            await app.StopAsync().ConfigureAwait(false);   // which also ends what measures for it
            await app.DisposeAsync().ConfigureAwait(false);
            return null;
        }

        var bound = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()
            .Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal));
        var listener = new ManagementListener(app, new Uri(bound, settings.Path + "/"));
        site.Log.Info("The management listens on {0}{1}.", listener.Address, site.Gate.TakesTokens ? "" : " for this machine alone");
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static WebApplication Build(ManagementSite site)
    {
        // Nothing of the application's own is read: neither its files, nor its environment, nor its command line.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Dramatiq.Akka.Management", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (site.Settings.Host == "*")
                kestrel.ListenAnyIP(site.Settings.Port);   // which does without IPv6 where that is switched off
            else
                kestrel.Listen(site.Settings.Address, site.Settings.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, OwnLifetime>();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = Patience);
        builder.Logging.ClearProviders();

        var app = builder.Build();
        app.UseRouting();
        ManagementEndpoints.Map(app, site.Settings.Path, () => site);
        app.UseEndpoints(static _ => { });
        app.Run(static context =>
        {
            SecurityHeaders.Set(context.Response);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        return app;
    }

    /// <summary>Signals of the process are the application's to hear; this server ends with the actor system.</summary>
    private sealed class OwnLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
