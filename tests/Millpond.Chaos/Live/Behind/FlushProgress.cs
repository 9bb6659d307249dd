using System.Diagnostics;
using System.Globalization;

namespace Millpond.Chaos.Live.Behind;

/// <summary>How a process's last flush goes on, as its output says: "left NAME COUNT", and "flushed NAME 0" in the end.</summary>
internal sealed class FlushProgress
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _left = [];
    private long _movedAt;

    /// <summary>For how long nothing has become less.</summary>
    public TimeSpan StandsFor
    {
        get
        {
            lock (_gate)
            {
                return Stopwatch.GetElapsedTime(_movedAt);
            }
        }
    }

    public void Begin()
    {
        lock (_gate)
        {
            _movedAt = Stopwatch.GetTimestamp();
        }
    }

    public void Hear(string? line)
    {
        if (line?.Split(' ') is not ["left" or "flushed", var name, var count] || !long.TryParse(count, CultureInfo.InvariantCulture, out var left))
        {
            return;
        }

        lock (_gate)
        {
            if (left < _left.GetValueOrDefault(name, long.MaxValue))
            {
                (_left[name], _movedAt) = (left, Stopwatch.GetTimestamp());
            }
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            return string.Join(", ", _left.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key} {one.Value}")));
        }
    }
}
