using Microsoft.Extensions.Logging;
using Millpond.Events;
using Millpond.Runtime;

namespace Millpond.Telemetry;

/// <summary>Turns what write-behind reports into log lines.</summary>
internal sealed class WriteBehindLog : CacheListener, IDisposable
{
    private readonly ILogger _log;
    private readonly string _cache;
    private readonly RepeatedLog<string> _deadLetters;

    public WriteBehindLog(ILogger log, string cache, Surroundings surroundings)
    {
        (_log, _cache) = (log, cache);
        _deadLetters = new(surroundings, (keyspace, count, window) => _log.DeadLetteredAgain(_cache, keyspace, count, window.TotalSeconds));
    }

    public override bool HearsMisses => false;

    public override void On(in FlusherChanged e)
    {
        if (e.Failure is null)
        {
            _log.FlusherIs(_cache, e.Keyspace, e.State);
        }
        else
        {
            _log.FlusherFailed(e.Failure, _cache, e.Keyspace);
        }
    }

    public override void On(in FlushLagging e)
    {
        if (e.IsLate)
        {
            _log.FlushLags(_cache, e.Keyspace, e.Records, e.Lag.TotalSeconds);
        }
        else
        {
            _log.FlushCaughtUp(_cache, e.Keyspace);
        }
    }

    public override void On(in DeadLettered e)
    {
        if (_deadLetters.IsFirst(e.Keyspace))
        {
            _log.DeadLettered(_cache, e.Keyspace, e.Records, e.Reason);
        }
    }

    public void Dispose() => _deadLetters.Dispose();
}
