using Microsoft.Extensions.Logging;
using Millpond.Events;

namespace Millpond.Telemetry;

/// <summary>Turns what happens when a program starts and ends into log lines: a few a keyspace, so none is brought together with others.</summary>
internal sealed class WarmUpLog(ILogger log, string cache) : CacheListener
{
    public override bool HearsMisses => false;

    public override void On(in WarmSideConnected e)
    {
        if (e.Failure is null)
        {
            log.WarmSideConnected(cache, e.Capabilities.Product);
        }
        else
        {
            log.WarmSideAway(e.Failure, cache);
        }
    }

    public override void On(in WarmUpEnded e) => log.WarmUpEnded(cache, e);

    public override void On(in WarmUpSourceFailed e) => log.WarmUpSourceFailed(e.Failure, cache, e.Keyspace, e.Source);

    public override void On(in KeysLeftBehind e)
    {
        if (e.Failure is null)
        {
            log.KeysLeftBehind(cache, e.Keyspace, e.Held, e.MostRead, e.Path, e.Bytes);
        }
        else
        {
            log.KeysNotLeftBehind(e.Failure, cache, e.Keyspace, e.Path);
        }
    }
}
