using System.Globalization;
using System.Text;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>Charts of the last hour, drawn here as SVG. What they show is said in words too, for those who do not see them.</summary>
internal static class Charts
{
    /// <summary>How many points are drawn; a screen shows no more, and an hour of seconds would be a large page.</summary>
    private const int MostPoints = 120;

    private const int Width = 600;
    private const int Height = 120;

    public static Markup Write(TrafficHistory history) => Markup.Of(html =>
    {
        html.Add($"<div class=\"charts\">");
        html.Add(Chart("Throughput", history, ("Enqueued", "in", static point => point.Enqueued), ("Done", "done", static point => point.Done)));
        html.Add(Chart("Failures", history, ("Failed attempts", "failed", static point => point.Failed), ("Dead letters", "dead", static point => point.Dead)));
        html.Add($"</div>\n");
    });

    private static Markup Chart(string title, TrafficHistory history, params ReadOnlySpan<(string Name, string Class, Func<TrafficPoint, long> Value)> series)
    {
        var drawn = new List<(string Name, string Class, double[] Rates, long Total)>();
        var peak = 0.0;
        foreach (var (name, kind, value) in series)
        {
            var rates = Rates(history, value);
            peak = Math.Max(peak, rates.Length > 0 ? rates.Max() : 0);
            drawn.Add((name, kind, rates, history.Points.Sum(value)));
        }

        var top = Ceiling(peak);
        return Markup.Of(html =>
        {
            html.Add($"<figure class=\"chart\"><figcaption><h3>{title}</h3><ul class=\"legend\">");
            foreach (var (name, kind, _, total) in drawn)
                html.Add($"<li><span class=\"swatch {kind}\"></span>{name} <b>{Words.Of(total)}</b></li>");
            html.Add($"</ul></figcaption><div class=\"plot\"><span class=\"top\">{top}/s</span>");
            html.Add($"<svg viewBox=\"0 0 {Width} {Height}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{Summary(title, drawn, peak)}\">");
            html.Add($"<path class=\"grid\" d=\"M0 {Height / 2}H{Width}M0 {Height}H{Width}\"/>");
            foreach (var (_, kind, rates, _) in drawn)
                html.Add($"{Line(rates, top, kind)}");
            html.Add($"</svg></div><p class=\"axis\"><span>{Since(history)}</span><span>now</span></p></figure>");
        });
    }

    private static Markup Line(double[] rates, double top, string kind)
    {
        if (rates.Length < 2)
            return Markup.Empty;

        var path = new StringBuilder();
        for (var at = 0; at < rates.Length; at++)
            path.Append(CultureInfo.InvariantCulture, $"{(at == 0 ? 'M' : 'L')}{(double)at * Width / (rates.Length - 1):0.#} {Height - (rates[at] / top * (Height - 4)):0.#}");
        var line = path.ToString();
        return Markup.Of(html => html.Add($"<path class=\"area {kind}\" d=\"{line}V{Height}H0Z\"/><path class=\"line {kind}\" d=\"{line}\"/>"));
    }

    /// <summary>For each second, over as many points together as make one that can be seen.</summary>
    private static double[] Rates(TrafficHistory history, Func<TrafficPoint, long> value)
    {
        var each = Math.Max(1, (history.Points.Count + MostPoints - 1) / MostPoints);
        var rates = new double[(history.Points.Count + each - 1) / each];
        for (var at = 0; at < history.Points.Count; at++)
            rates[at / each] += value(history.Points[at]);
        for (var at = 0; at < rates.Length; at++)
            rates[at] /= Math.Min(each, history.Points.Count - (at * each)) * Math.Max(1, history.IntervalMs) / 1000.0;
        return rates;
    }

    /// <summary>1, 2 or 5 times a power of ten, so that the scale is a round number and does not dance.</summary>
    private static double Ceiling(double peak)
    {
        if (peak <= 0)
            return 1;

        var power = Math.Pow(10, Math.Floor(Math.Log10(peak)));
        foreach (var step in (ReadOnlySpan<double>)[1, 2, 5])
            if (peak <= step * power)
                return step * power;
        return 10 * power;
    }

    private static string Since(TrafficHistory history) => history.Points.Count < 2 ? "no history yet" : Words.Duration(history.IntervalMs * history.Points.Count) + " ago";

    private static string Summary(string title, List<(string Name, string Class, double[] Rates, long Total)> drawn, double peak) =>
        $"{title} over the last hour: {string.Join(", ", drawn.Select(static one => $"{one.Name.ToLowerInvariant()} {Words.Of(one.Total)}"))}; at most {Words.PerSecond(peak)} a second.";
}
