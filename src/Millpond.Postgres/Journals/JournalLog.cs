using Microsoft.Extensions.Logging;

namespace Millpond.Postgres.Journals;

/// <summary>What the log says of journals. Event ids are stable.</summary>
internal static class JournalLog
{
    public static readonly Action<ILogger, string, long, long, Exception?> Resumed = LoggerMessage.Define<string, long, long>(
        LogLevel.Warning, new EventId(1, nameof(Resumed)),
        "The journal {Journal} goes on in another history of its server, which failed over or was restored, and knows positions up to {Last}; this process had been told of {Known}. What was appended beyond is lost, unless the standby that took over has had every write.");

    public static readonly Action<ILogger, string, long, Exception?> Gone = LoggerMessage.Define<string, long>(
        LogLevel.Error, new EventId(2, nameof(Gone)), "The journal {Journal} is gone: somebody emptied it, or an older database was restored. {Records} records that were not flushed are lost. Another journal begins.");
}
