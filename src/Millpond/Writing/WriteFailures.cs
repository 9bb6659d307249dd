namespace Millpond.Writing;

/// <summary>What can keep a write from its source, in words.</summary>
internal static class WriteFailures
{
    public static MillpondException NoWriter(string keyspace) =>
        new(ErrorCode.NoWriter,
            $"Keyspace '{keyspace}' has no writer and was asked to write its source. Declare one with Write(...), or write the source yourself: under a ticket (BeginWriteAsync), or with InvalidateAsync afterwards.")
        {
            Keyspace = keyspace,
        };

    public static MillpondException Threw(string keyspace, Exception failure) =>
        new(ErrorCode.WriteFailed,
            $"The writer of keyspace '{keyspace}' threw {failure.GetType().Name}, so it is not known whether the source has the write. The key is invalidated, and will be once more in case the commit comes late. "
            + "See the inner exception; look at the source before repeating what must not be done twice. A writer that knows that nothing was written says so (WriteResult.NotWritten).", failure)
        {
            Keyspace = keyspace,
        };

    public static MillpondException TimedOut(string keyspace, TimeSpan limit) =>
        new(ErrorCode.WriteTimedOut,
            $"A write of keyspace '{keyspace}' did not finish within its WriteTimeout of {limit.TotalSeconds:0.###} s, so it is not known whether the source has it. The key is invalidated, and will be once more when the writer has ended. "
            + "Find out why the source is slow, pass the writer's cancellation token on, or raise WriteTimeout.")
        {
            Keyspace = keyspace,
        };
}
