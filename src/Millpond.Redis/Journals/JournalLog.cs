using Microsoft.Extensions.Logging;

namespace Millpond.Redis.Journals;

/// <summary>What the log says of journals. Event ids are stable.</summary>
internal static class JournalLog
{
    public static readonly Action<ILogger, string, string, long, long, Exception?> Resumed = LoggerMessage.Define<string, string, long, long>(
        LogLevel.Warning, new EventId(1, nameof(Resumed)),
        "The journal {Journal} goes on at {Node}, which was restarted or took over, and knows positions up to {Last}; this process had been told of {Known}. What was appended beyond is lost, unless that server's disk, or the replica that took over, has had every write.");

    public static readonly Action<ILogger, string, string, long, Exception?> Gone = LoggerMessage.Define<string, string, long>(
        LogLevel.Error, new EventId(2, nameof(Gone)), "The journal {Journal} is gone at {Node}: the server came back empty, or somebody deleted it. {Records} records that were not flushed are lost. Another journal begins.");

    public static readonly Action<ILogger, string, string, long, Exception?> GaveWay = LoggerMessage.Define<string, string, long>(
        LogLevel.Warning, new EventId(3, nameof(GaveWay)), "The trail of the journal {Journal} makes room at {Node}, whose memory is full: its oldest records go before their time for what is appended, {Bytes} bytes just now. When none are left writes are refused. Give the engine more memory, or keep less (Trail).");
}
