using System.Globalization;
using System.Text;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>An error that the server answered with.</summary>
internal sealed record RespError(string Text);

/// <summary>What the server says of its own accord.</summary>
internal sealed record RespPush(IReadOnlyList<object?> Parts);

/// <summary>Reads RESP3: a long, a string, a list, a <see cref="RespError"/>, a <see cref="RespPush"/>, or null. For the few and small answers of the waking connection.</summary>
internal sealed class RespReader(Stream stream)
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    public async ValueTask<object?> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        var rest = line[1..];
        switch (line[0])
        {
            case '+' or ',' or '#' or '(':
                return rest;
            case '-':
                return new RespError(rest);
            case ':':
                return long.Parse(rest, CultureInfo.InvariantCulture);
            case '_':
                return null;
            case '$' or '=' or '!':
                return await ReadTextAsync(Number(rest), cancellationToken).ConfigureAwait(false);
            case '*' or '~':
                return await ReadListAsync(Number(rest), cancellationToken).ConfigureAwait(false);
            case '%':
                return await ReadListAsync(2 * Number(rest), cancellationToken).ConfigureAwait(false);
            case '>':
                return new RespPush(await ReadListAsync(Number(rest), cancellationToken).ConfigureAwait(false) ?? []);
            default:
                throw new InvalidDataException($"The server does not speak RESP3: a line starts with '{line[0]}'.");
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private async ValueTask<List<object?>?> ReadListAsync(int count, CancellationToken cancellationToken)
    {
        if (count < 0) return null;
        var list = new List<object?>(Math.Min(count, 64));
        for (var i = 0; i < count; i++) list.Add(await ReadAsync(cancellationToken).ConfigureAwait(false));
        return list;
    }

    private async ValueTask<string?> ReadTextAsync(int length, CancellationToken cancellationToken)
    {
        if (length < 0) return null;
        while (_end - _start < length + 2) await FillAsync(cancellationToken).ConfigureAwait(false);
        var text = Encoding.UTF8.GetString(_buffer, _start, length);
        _start += length + 2;
        return text;
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0) await FillAsync(cancellationToken).ConfigureAwait(false);
        if (end == 0) throw new InvalidDataException("The server does not speak RESP3: a line is empty.");
        var line = Encoding.UTF8.GetString(_buffer, _start, end);
        _start += end + 2;
        return line;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        if (read == 0) throw new EndOfStreamException("The server closed the connection.");
        _end += read;
    }
}
