using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Redis.Runtime;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Pushes;

/// <summary>Waits for somebody else's lease to end: woken by the channel, else by looking again after a while that chance makes different for each process (A60).</summary>
internal readonly struct LeaseWatch(PartitionKeys keys, PartitionChannel? channel, RespClient client, ServerClocks clocks, Surroundings surroundings)
{
    // One to two times as long: often where no waking can come, rarely where one may have been lost.
    private static readonly TimeSpan PollDeaf = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PollHearing = TimeSpan.FromMilliseconds(500);

    public async ValueTask WaitAsync(string text, TimeSpan patience, CancellationToken cancellationToken)
    {
        var wait = channel?.Waits.Add(text) ?? surroundings.NewCompletion<bool>();
        try
        {
            // The waking may have passed before we began to listen.
            if (await LeaseLeftAsync(text, cancellationToken).ConfigureAwait(false) is not { } left)
            {
                return;
            }

            var poll = (channel is { IsLive: true } ? PollHearing : PollDeaf) * (1 + surroundings.NextDouble());
            TimeSpan[] ends = [patience, poll, left];
            using var timer = surroundings.Time.CreateTimer(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), wait, ends.Min(), Timeout.InfiniteTimeSpan);
            using var cancelling = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), wait);
            await wait.Task.ConfigureAwait(false);
        }
        finally
        {
            channel?.Waits.Remove(text, wait);
        }
    }

    private async ValueTask<TimeSpan?> LeaseLeftAsync(string text, CancellationToken cancellationToken)
    {
        var read = await client.SendAsync<PlainReadOfOne, PlainReply>(new PlainReadOfOne(keys, text), cancellationToken).ConfigureAwait(false);
        using var record = read.Only;
        if (record is null)
        {
            return null;
        }

        // Without the engine's time the wait is as long as a poll; whoever waits looks again anyway.
        return clocks.AtMost(read.Life, surroundings.Now) is not { } time ? TimeSpan.MaxValue
            : RecordReplies.IsLeased(record.Memory.Span, time, out var until) ? TimeSpan.FromMilliseconds(until - time + 1)
            : null;
    }
}
