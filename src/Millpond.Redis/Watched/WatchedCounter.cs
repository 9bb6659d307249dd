using System.Globalization;
using Millpond.Redis.Requests;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Watched;

/// <summary>Counts as the script does: looks at the counter while it is watched, and adds to it if that stays within the most.</summary>
internal static class WatchedCounter
{
    /// <summary>Null: somebody else counted in between, and nothing was done.</summary>
    public static async Task<Counted?> AttemptAsync(PooledSession session, byte[] counter, CounterAsk ask)
    {
        await session.UnwatchAsync().ConfigureAwait(false);
        session.HasWatches = true;
        var watch = session.TellAsync(new RespCommand("WATCH", counter));
        var value = session.TellAsync(new RespCommand("GET", counter));
        var left = session.TellAsync(new RespCommand("PTTL", counter));
        await Task.WhenAll(watch, value, left).ConfigureAwait(false);
        var text = (await value.ConfigureAwait(false)).Text;
        var sum = text is null ? 0 : long.Parse(text, CultureInfo.InvariantCulture);
        var wanted = (Int128)sum + ask.Delta;

        // What does not fit into 64 bits is left to the engine to refuse.
        if (ask.Delta > 0 && wanted > ask.Max && wanted <= long.MaxValue)
        {
            return new Counted(new CounterReply { Sum = sum, TimeLeft = Time((await left.ConfigureAwait(false)).Integer) });
        }

        var add = text is null && ask.TimeToLive is { } time
            ? new RespCommand("SET", counter, ask.Delta, "PX", Math.Max(1, Argument.Milliseconds(time, TimeSpan.TicksPerMillisecond - 1)))
            : new RespCommand("INCRBY", counter, ask.Delta);
        if (await session.TransactAsync([add, new RespCommand("PTTL", counter)]).ConfigureAwait(false) is not { } replies)
        {
            return null;
        }

        return new Counted(new CounterReply { Sum = (long)wanted, IsCounted = true, TimeLeft = Time(replies[1].Integer) });
    }

    private static TimeSpan? Time(long milliseconds) => milliseconds < 0 ? null : TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>A reply that may be missing.</summary>
    internal sealed record Counted(CounterReply Reply);
}
