using Millpond.Chaos.Live.Histories;

namespace Millpond.Chaos.Live.Working;

/// <summary>One caller: reads, and now and then writes, with a little thought in between. Hot keys get half of all.</summary>
internal sealed class Caller(Operations operations, int seed)
{
    private const int HotKeys = 12;
    private const int HotStep = 19;
    private readonly Random _random = new(seed);

    /// <summary>Whether it writes.</summary>
    public static bool Writes { get; set; } = true;

    public async Task RunAsync(CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            await NextAsync().ConfigureAwait(false);
            await Task.Delay(_random.Next(1, 6), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task NextAsync()
    {
        // HotStep spreads the hot keys over both keyspaces.
        var key = _random.Next(2) == 0 ? _random.Next(HotKeys) * HotStep : _random.Next(Pond.Keys);
        switch (_random.Next(1_000))
        {
            case < 830:
                await operations.ReadAsync(key).ConfigureAwait(false);
                break;
            case < 890:
                await operations.ReadAsync(key, TimeSpan.FromMilliseconds(_random.Next(3) * 500)).ConfigureAwait(false);
                break;
            case < 950:
                var first = Math.Min(key, (Pond.IsLazy(key) ? Pond.Keys : 180) - 8);
                await operations.ReadManyAsync([.. Enumerable.Range(first, 8)]).ConfigureAwait(false);
                break;
            case var draw when Writes:
                await WriteAsync(key, draw).ConfigureAwait(false);
                if (_random.Next(2) == 0)
                {
                    // As people do who have just changed something; and where a broken promise shows first.
                    await operations.ReadAsync(key).ConfigureAwait(false);
                }

                break;
        }
    }

    private Task WriteAsync(int key, int draw)
    {
        var present = _random.Next(8) != 0;
        return draw < 975 ? operations.WriteAsync(key, present, Announcement.Invalidated)
            : draw < 996 ? operations.WriteUnderTicketAsync(key, present)
            : operations.WriteAsync(key, present, Announcement.Tagged);
    }
}
