using System.Globalization;
using Akka.Configuration;
using Dramatiq.Akka.Actors;

namespace Dramatiq.Akka.Hosting;

/// <summary>
/// Reads one section of HOCON, and takes no value on trust: what is missing or cannot be used is an error that names the path, the value, and what it should be. (Akka's own
/// getters answer 0 for a missing key.)
/// </summary>
internal sealed class ConfigurationReader(Config config, string section)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>The paths read so far, for the test that every default is read by somebody.</summary>
    public IReadOnlySet<string> PathsRead => _read;

    public string Text(string key)
    {
        var path = section + "." + key;
        _read.Add(path);
        return config.HasPath(path) && config.GetString(path) is { } text
            ? text.Trim()
            : throw new ConfigurationException($"{path} is missing. Its default is in Dramatiq.Akka's reference.conf, which WithDramatiq adds.");
    }

    public int Whole(string key, int least)
    {
        var text = Text(key);
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw Unusable(key, $"a whole number of {least} or more", text);
    }

    /// <summary>A number, or null for the text that stands for none.</summary>
    public int? WholeOr(string key, int least, string none) => Text(key) == none ? null : Whole(key, least);

    public TimeSpan Duration(string key, TimeSpan? least = null)
    {
        var text = Text(key);
        return DurationText.TryParse(text, out var duration) && duration >= (least ?? TimeSpan.Zero)
            ? duration
            : throw Unusable(key, least is { } bound ? $"a time of {DurationText.Of(bound)} or more, such as 15s" : "a time such as 15s", text);
    }

    /// <summary>Milliseconds, perhaps infinite.</summary>
    public double DurationOrInfinite(string key) => Text(key) is "infinite" ? double.PositiveInfinity : Duration(key).TotalMilliseconds;

    public bool Flag(string key)
    {
        var text = Text(key);
        return text switch
        {
            "true" or "on" or "yes" => true,
            "false" or "off" or "no" => false,
            _ => throw Unusable(key, "true or false", text),
        };
    }

    public long Bytes(string key)
    {
        var text = Text(key);
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        long? unit = text[digits..].Trim() switch
        {
            "" or "B" => 1,
            "KiB" or "K" or "k" => 1L << 10,
            "MiB" or "M" => 1L << 20,
            "GiB" or "G" => 1L << 30,
            _ => null,
        };
        return unit is { } factor && long.TryParse(text.AsSpan(0, digits), CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1L << 30
            ? number * factor
            : throw Unusable(key, "a size such as 64MiB", text);
    }

    /// <summary>The keys of an object, in order; none where it is empty or absent.</summary>
    public IReadOnlyList<string> Keys(string key)
    {
        var path = section + "." + key;
        _read.Add(path);
        return config.HasPath(path) && config.GetValue(path) is { } value && value.IsObject()
            ? [.. value.GetObject().Items.Keys]
            : [];
    }

    /// <summary>The values of an object by key, as text.</summary>
    public IReadOnlyDictionary<string, string> Texts(string key) =>
        Keys(key).ToDictionary(name => name, name => Text(key + "." + name), StringComparer.Ordinal);

    public bool Has(string key) => config.HasPath(section + "." + key);

    public ConfigurationException Unusable(string key, string expected, string value) => new($"{section}.{key} must be {expected}, was '{value}'.");
}
