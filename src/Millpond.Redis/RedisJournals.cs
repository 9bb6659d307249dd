using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millpond.Journals;
using Millpond.Redis.Journals;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis;

/// <summary>Journals in Redis or Valkey, for write-behind of several processes: all of them append and see what is pending, one flushes. docs/redis.md says what an acknowledgement survives there.</summary>
public static class RedisJournals
{
    /// <summary>A journal in the engine that a configuration string names.</summary>
    /// <param name="configuration">Where the engine is: <c>host:port,host:port,ssl=true,...</c> or a <c>redis://</c> URL.</param>
    /// <param name="name">What the journal is called there: the same in every process of the keyspace, and of that keyspace alone.</param>
    /// <param name="survives">What an acknowledgement must survive; see <see cref="RedisJournalOptions.Survives"/>.</param>
    /// <exception cref="RespException">The string has faults; the message lists all of them.</exception>
    /// <exception cref="MillpondException">MP1001: the rest has.</exception>
    public static Func<IServiceProvider, IWriteJournal> At(string configuration, string name, JournalSurvival survives) =>
        With(new RedisJournalOptions { Connection = RespOptions.Parse(configuration), Name = name, Survives = survives });

    /// <summary>The same with more to say.</summary>
    /// <param name="options">Where and how it is kept.</param>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static Func<IServiceProvider, IWriteJournal> With(RedisJournalOptions options)
    {
        var given = options.Checked();
        return services => new RedisJournal(
            given, services.GetService<ILoggerFactory>(), services.GetService<Surroundings>() ?? (services.GetService<TimeProvider>() is { } time ? new Surroundings(time) : Surroundings.Real));
    }
}
