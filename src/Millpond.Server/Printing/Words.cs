using System.Globalization;

namespace Millpond.Server.Printing;

/// <summary>Figures and texts as people read them.</summary>
internal static class Words
{
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long number, string what) => $"{Number(number)} {what}{(number == 1 ? "" : "s")}";

    /// <summary>What a record asks, with by how much where it adds.</summary>
    public static string Kind(string kind, long delta) => kind == "Increment" ? $"{kind} {Number(delta)}" : kind;

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Span(TimeSpan? span) => span switch
    {
        null => "",
        { TotalSeconds: < 1 } short_ => string.Create(CultureInfo.InvariantCulture, $"{short_.TotalMilliseconds:F0} ms"),
        { TotalMinutes: < 2 } some => string.Create(CultureInfo.InvariantCulture, $"{some.TotalSeconds:F1} s"),
        { } long_ => string.Create(CultureInfo.InvariantCulture, $"{long_.TotalMinutes:N0} min"),
    };

    /// <summary>In one line, and without what a terminal would take for orders: reasons come from databases and their clients.</summary>
    public static string Line(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));
}
