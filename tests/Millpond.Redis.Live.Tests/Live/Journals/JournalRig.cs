using System.Text;
using Millpond.Engines.Live;
using Millpond.Journals;
using Millpond.Redis.Journals;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Live.Tests.Live.Journals;

/// <summary>Opens, writes and reads a journal in a few words.</summary>
internal static class JournalRig
{
    public const string Keyspace = "test";

    public static RedisJournal On(RedisServer server, JournalSurvival survives, int timeoutMilliseconds = 20_000) =>
        new(new RedisJournalOptions { Connection = RespOptions.Parse($"{server.Address},timeout={timeoutMilliseconds},keepAlive=20"), Name = "views", Survives = survives }, null, Surroundings.Real);

    public static async Task<RedisJournal> OpenAsync(RedisServer server, JournalSurvival survives)
    {
        var journal = On(server, survives);
        await journal.OpenAsync(Keyspace, TestContext.Current.CancellationToken);
        return journal;
    }

    public static async Task<JournalException> CannotOpenAsync(RedisServer server, JournalSurvival survives)
    {
        await using var journal = On(server, survives);
        var fault = await Assert.ThrowsAsync<JournalException>(() => journal.OpenAsync(Keyspace, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(JournalFailure.Unfit, fault.Failure);
        return fault;
    }

    public static ValueTask<long> SetAsync(this IWriteJournal journal, string key, string value) => journal.AppendAsync([new(JournalKind.Set, key, Encoding.UTF8.GetBytes(value))], default);

    public static async Task<string?> PendingAsync(this IWriteJournal journal, string key) =>
        await journal.FindPendingAsync(key, default) is { } found ? Encoding.UTF8.GetString(found.Value.Span) : null;

    /// <summary>Goes on where a server that was away is back: the client says at once that it was, and tries again a little later.</summary>
    public static async Task<T> BackAsync<T>(Func<Task<T>> ask)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (JournalException) when (attempt < 200)
            {
                await Task.Delay(100);
            }
        }
    }
}
