using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>The server will not tell this client of changes.</summary>
internal sealed class TrackingRefusedException(string answer) : BrokerException($"The server refuses client tracking: {answer}");

/// <summary>
/// One connection that asks for the length of lists and, once asked, is told when they change: Redis's client tracking, over RESP3. StackExchange.Redis passes on
/// neither such pushes nor blocking commands, so this one speaks for itself.
/// </summary>
internal sealed class WakeConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly RespReader _reader;
    private readonly Queue<TaskCompletionSource<object?>> _unanswered = new();
    private ArrayBufferWriter<byte> _unwritten = new(512);
    private ArrayBufferWriter<byte> _written = new(512);
    private bool _isWriting;
    private bool _closed;

    private WakeConnection(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
        _reader = new RespReader(stream);
    }

    /// <summary>Connects, logs in, and asks to be told.</summary>
    /// <exception cref="TrackingRefusedException">The server or something before it knows no tracking.</exception>
    public static async Task<WakeConnection> OpenAsync(EndPoint server, ConfigurationOptions configuration, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        WakeConnection? connection = null;
        try
        {
            await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
            connection = new WakeConnection(socket, await StreamAsync(socket, server, configuration, cancellationToken).ConfigureAwait(false));
            await connection.GreetAsync(configuration, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads until the connection ends, which is always an exception.</summary>
    /// <param name="changed">Called with the name of a list that has changed; with null when any may have.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task ListenAsync(Action<string?> changed, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (await _reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                case RespPush { Parts: ["invalidate", List<object?> names] }:
                    foreach (var name in names) changed(name as string);
                    break;
                case RespPush { Parts: ["invalidate", ..] }:
                    changed(null);
                    break;
                case RespPush:
                    break;
                case var answer:
                    TaskCompletionSource<object?>? asked;
                    lock (_unanswered) _unanswered.TryDequeue(out asked);
                    asked?.TrySetResult(answer);
                    break;
            }
        }
    }

    /// <summary>Asks. The answer comes through <see cref="ListenAsync"/>. What is asked while others are being written goes out with the next write.</summary>
    public async Task<object?> AskAsync(CancellationToken cancellationToken, params string[] command)
    {
        var answer = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isFirst;
        lock (_unanswered)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _unanswered.Enqueue(answer);
            Encode(_unwritten, command);
            isFirst = !_isWriting;
            _isWriting = true;
        }

        if (isFirst) _ = Task.Run(WriteAsync, CancellationToken.None);   // not here: a caller with thousands of questions gets them all in meanwhile
        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_unanswered)
        {
            _closed = true;
            while (_unanswered.TryDequeue(out var asked)) asked.TrySetException(new IOException("The connection was lost before the answer."));
        }

        await _stream.DisposeAsync().ConfigureAwait(false);
        _socket.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                ArrayBufferWriter<byte> commands;
                lock (_unanswered)
                {
                    if (_unwritten.WrittenCount == 0)
                    {
                        _isWriting = false;
                        return;
                    }

                    commands = _unwritten;
                    (_unwritten, _written) = (_written, _unwritten);
                }

                await _stream.WriteAsync(commands.WrittenMemory).ConfigureAwait(false);
                commands.ResetWrittenCount();
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            _socket.Dispose();   // whoever listens learns of it, and with that everybody who has asked
        }
    }

    private static async ValueTask<Stream> StreamAsync(Socket socket, EndPoint server, ConfigurationOptions configuration, CancellationToken cancellationToken)
    {
        var plain = new NetworkStream(socket, ownsSocket: false);
        if (!configuration.Ssl) return plain;
        var tls = new SslStream(plain);
        var options = configuration.SslClientAuthenticationOptions?.Invoke(configuration.SslHost ?? HostOf(server)) ?? new SslClientAuthenticationOptions();
        options.TargetHost ??= configuration.SslHost ?? HostOf(server);
        await tls.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
        return tls;
    }

    private static string HostOf(EndPoint server) => server switch
    {
        DnsEndPoint dns => dns.Host,
        IPEndPoint ip => ip.Address.ToString(),
        _ => "",
    };

    private async Task GreetAsync(ConfigurationOptions configuration, CancellationToken cancellationToken)
    {
        string[] hello = configuration.Password is { } password ? ["HELLO", "3", "AUTH", configuration.User ?? "default", password] : ["HELLO", "3"];
        foreach (var command in new[] { hello, ["CLIENT", "SETNAME", "dramatiq.akka.wake"], ["CLIENT", "TRACKING", "ON"] })
        {
            await _stream.WriteAsync(Encode(command), cancellationToken).ConfigureAwait(false);
            if (await _reader.ReadAsync(cancellationToken).ConfigureAwait(false) is RespError refused) throw new TrackingRefusedException(refused.Text);
        }

        if (configuration.DefaultDatabase is { } database and > 0)
        {
            await _stream.WriteAsync(Encode(["SELECT", $"{database}"]), cancellationToken).ConfigureAwait(false);
            if (await _reader.ReadAsync(cancellationToken).ConfigureAwait(false) is RespError refused) throw new TrackingRefusedException(refused.Text);
        }
    }

    private static ReadOnlyMemory<byte> Encode(string[] command)
    {
        var writer = new ArrayBufferWriter<byte>();
        Encode(writer, command);
        return writer.WrittenMemory;
    }

    private static void Encode(ArrayBufferWriter<byte> writer, string[] command)
    {
        Encoding.UTF8.GetBytes($"*{command.Length}\r\n", writer);
        foreach (var part in command) Encoding.UTF8.GetBytes($"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n", writer);
    }
}
