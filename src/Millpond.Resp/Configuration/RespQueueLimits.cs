namespace Millpond.Resp;

/// <summary>How much may be under way on one connection. What is more waits, and what is more than that is refused with <see cref="RespErrorCode.QueueFull"/>.</summary>
public sealed record RespQueueLimits
{
    /// <summary>Commands sent or about to be, whose replies are still to come; 8,192 by default, rounded up to a power of two.</summary>
    public int InFlightMax { get; init; } = 8192;

    /// <summary>Commands that wait for one of those places, or for a connection; 16,384 by default.</summary>
    public int WaitingMax { get; init; } = 16_384;

    /// <summary>Bytes written by callers and not yet taken by the network; 16 MiB by default. One command may be larger if it is alone.</summary>
    public int GatheredBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Commands of more bytes travel on a connection of their own kind, where they delay no small ones; 64 KiB by default.</summary>
    public int LargeBytes { get; init; } = 64 * 1024;
}
