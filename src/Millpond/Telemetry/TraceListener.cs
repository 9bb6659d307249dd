using System.Diagnostics;
using Millpond.Events;
using Millpond.Policies;

namespace Millpond.Telemetry;

/// <summary>
/// A span for each call of a loader or a writer, so that what it does hangs below the caller who caused it. A renewal's span is a root: no caller waits
/// for it. No span for a wait: ten thousand callers may wait for one load, and each wait would cost more than it does now.
/// </summary>
internal sealed class TraceListener(KeyspaceNames keyspaces) : CacheListener
{
    private static readonly ActivitySource Source = new(Instruments.MeterName, typeof(TraceListener).Assembly.GetName().Version?.ToString(3));

    public override bool HearsMisses => false;

    public override object? OnLoadBegins(in LoadBegins e)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        if (e.Renewal != RefreshCause.None)
        {
            // It runs aside, on nobody's behalf; whatever is current there is left over from elsewhere.
            Activity.Current = null;
        }

        var span = Source.StartActivity("millpond.load");
        if (span is { IsAllDataRequested: true })
        {
            var tags = keyspaces[e.Keyspace];
            span.SetTag(TagNames.Cache, keyspaces.Cache);
            span.SetTag(TagNames.Keyspace, tags.Keyspace);
            span.SetTag(TagNames.LoadKeys, e.Keys);
            if (e.Renewal != RefreshCause.None)
            {
                span.SetTag(TagNames.RefreshCause, TagNames.Snake(e.Renewal));
            }
        }

        return span;
    }

    public override void OnLoadEnded(in LoadEnded e, object? begun)
    {
        if (begun is not Activity span)
        {
            return;
        }

        if (span.IsAllDataRequested)
        {
            span.SetTag(TagNames.LoadFound, e.Found);
            span.SetTag(TagNames.LoadOutcome, OutcomeOf(e));
            if (e.Failure is not null)
            {
                // Without a description: the message is the loader's and may name keys or values.
                span.SetStatus(ActivityStatusCode.Error);
                span.SetTag(TagNames.ErrorType, TagNames.ErrorTypeOf(e.Failure));
            }
        }

        span.Dispose();
    }

    public override object? OnWriteBegins(in WriteBegins e)
    {
        var span = Source.StartActivity("millpond.write");
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag(TagNames.Cache, keyspaces.Cache);
            span.SetTag(TagNames.Keyspace, keyspaces[e.Keyspace].Keyspace);
            span.SetTag(TagNames.WriteKind, TagNames.Snake(e.Kind));
        }

        return span;
    }

    public override void OnWriteEnded(in WriteEnded e, object? begun)
    {
        if (begun is not Activity span)
        {
            return;
        }

        if (span.IsAllDataRequested)
        {
            span.SetTag(TagNames.Result, e.Result is { } result ? TagNames.Snake(result) : "unknown");
            if (e.Failure is not null)
            {
                span.SetStatus(ActivityStatusCode.Error);
                span.SetTag(TagNames.ErrorType, TagNames.ErrorTypeOf(e.Failure));
            }
        }

        span.Dispose();
    }

    private static string OutcomeOf(in LoadEnded e) =>
        e.Failure is not null ? (e.Cancelled ? "cancelled" : "failed")
        : e.Found == e.Keys ? "found"
        : e.Found == 0 ? "missing" : "partial";
}
