using System.Globalization;

namespace Millpond.Postgres.Watching;

/// <summary>What a statement that begins now would see, as <c>pg_current_snapshot()</c> says it: every transaction below the first, none from the second on, and in between all but those listed.</summary>
internal sealed class Snapshot
{
    private readonly ulong _xmin;
    private readonly ulong _xmax;
    private readonly HashSet<ulong> _running;

    private Snapshot(ulong xmin, ulong xmax, HashSet<ulong> running) => (_xmin, _xmax, _running) = (xmin, xmax, running);

    /// <summary>Sees nothing.</summary>
    public static Snapshot None { get; } = new(0, 0, []);

    /// <summary>The first transaction that had not begun yet.</summary>
    public ulong End => _xmax;

    /// <summary>Reads <c>xmin:xmax:xip,xip</c>.</summary>
    public static Snapshot Read(string text)
    {
        var parts = text.Split(':');
        return new(
            ulong.Parse(parts[0], CultureInfo.InvariantCulture),
            ulong.Parse(parts[1], CultureInfo.InvariantCulture),
            parts[2].Length == 0 ? [] : [.. parts[2].Split(',').Select(xid => ulong.Parse(xid, CultureInfo.InvariantCulture))]);
    }

    /// <summary>Whether it shows a transaction, which the log names by the lower 32 bits of its number alone. One that is committed is never two thousand million transactions away.</summary>
    public bool Shows(uint xid)
    {
        var whole = Widen(xid);
        return whole < _xmin || (whole < _xmax && !_running.Contains(whole));
    }

    /// <summary>Whether it shows everything that had begun before a transaction.</summary>
    public bool ShowsAllBefore(ulong end) => _xmin >= end;

    private ulong Widen(uint xid)
    {
        var distance = unchecked((int)(xid - (uint)_xmax));
        return unchecked(_xmax + (ulong)(long)distance);
    }
}
