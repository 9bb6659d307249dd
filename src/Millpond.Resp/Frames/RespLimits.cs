namespace Millpond.Resp;

/// <summary>How large a frame may be. A frame over a limit ends the connection: behind it nothing can be trusted to be a frame's beginning.</summary>
public sealed record RespLimits
{
    // A word of bits says which levels are attributes.
    internal const int DepthEnd = 64;

    /// <summary>Levels of aggregates in one another; 32 by default, at most 64.</summary>
    public int DepthMax { get; init; } = 32;

    /// <summary>Bytes of one line: a simple text, a number, an error; 64 KiB by default, as servers have it.</summary>
    public int LineBytesMax { get; init; } = 64 * 1024;

    /// <summary>Bytes of one whole frame; 512 MiB by default, the largest value that servers store.</summary>
    public int FrameBytesMax { get; init; } = 512 * 1024 * 1024;

    /// <summary>Elements in one frame, on all levels together; 16 million by default.</summary>
    public int ElementsMax { get; init; } = 16_000_000;

    internal static RespLimits Default { get; } = new();
}
