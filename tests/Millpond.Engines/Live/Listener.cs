using System.Collections.Concurrent;
using System.Text;
using Millpond.Resp;

namespace Millpond.Engines.Live;

/// <summary>Writes down what a subscription tells.</summary>
public sealed class Listener : IRespSubscriber
{
    /// <summary>"live", "gap", or "channel|message", in order.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    /// <summary>Why the last gap was.</summary>
    public RespException? Cause { get; private set; }

    /// <inheritdoc/>
    public void OnMessage(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message) => Told.Enqueue($"{Encoding.UTF8.GetString(channel)}|{Encoding.UTF8.GetString(message)}");

    /// <inheritdoc/>
    public void OnLive() => Told.Enqueue("live");

    /// <inheritdoc/>
    public void OnGap(RespException cause)
    {
        Cause = cause;
        Told.Enqueue("gap");
    }

    /// <summary>Waits until something was told so often.</summary>
    public async Task UntilAsync(string told, int times = 1)
    {
        for (var i = 0; Told.Count(t => t == told) < times; i++)
        {
            if (i > 3_000)
            {
                throw new TimeoutException($"'{told}' was not told {times} times, but: {string.Join(", ", Told)}");
            }

            await Task.Delay(10);
        }
    }
}
