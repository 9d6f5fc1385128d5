using System.Diagnostics;
using Dramatiq.Akka.Stages;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Telemetry;

/// <summary>
/// What a handler finds around it: the current message, the current span, the scope of its log lines. All three follow the flow of execution, so what the handler leaves running keeps
/// them when the scope is left, and the actor that called it does not see them.
/// </summary>
internal readonly struct HandlerScope : IDisposable
{
    private readonly MessageContext _context;
    private readonly IDisposable? _logging;

    private HandlerScope(MessageContext context, IDisposable? logging)
    {
        _context = context;
        _logging = logging;
    }

    public static HandlerScope Enter(MessageContext context)
    {
        CurrentMessage.Enter(context);
        if (context.Span is { } span)
            Activity.Current = span;

        // Where no provider would write even the worst of lines, nobody reads scopes.
        var log = context.Actor.Telemetry.System.Log;
        return new HandlerScope(context, log is not null && log.IsEnabled(LogLevel.Critical) ? log.BeginScope(new LogScope(context)) : null);
    }

    public void Dispose()
    {
        _logging?.Dispose();
        if (_context.Span is not null)
            Activity.Current = null;
        CurrentMessage.Leave(_context);
    }
}
