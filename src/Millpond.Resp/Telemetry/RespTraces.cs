using System.Diagnostics;

namespace Millpond.Resp.Telemetry;

/// <summary>A span for each call, while somebody listens to the source <c>Millpond.Resp</c>. Neither keys nor values are in it, and no error's words, which may quote them.</summary>
internal static class RespTraces
{
    private static readonly ActivitySource Source = new(RespMetrics.Name, typeof(RespTraces).Assembly.GetName().Version?.ToString(3));

    public static bool IsOn => Source.HasListeners();

    public static Activity? Begin(string command, int batchSize = 1)
    {
        var name = batchSize > 1 ? "PIPELINE " + command : command;
        var span = Source.StartActivity(name, ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("db.system.name", RespMetrics.DatabaseName);
            span.SetTag("db.operation.name", name);
            if (batchSize > 1)
            {
                span.SetTag("db.operation.batch.size", batchSize);
            }
        }

        return span;
    }

    /// <summary>Ends the span with the call. The caller's next call must not hang below this one, so what was current before is current again at once.</summary>
    public static ValueTask<TResult> EndAsync<TResult>(Activity? span, ValueTask<TResult> call)
    {
        LeaveCurrent(span);
        return WatchAsync(span, call);
    }

    /// <summary>The same for a call without a result.</summary>
    public static ValueTask EndAsync(Activity? span, ValueTask call)
    {
        LeaveCurrent(span);
        return WatchAsync(span, call);
    }

    private static void LeaveCurrent(Activity? span)
    {
        if (span is not null)
        {
            Activity.Current = span.Parent;
        }
    }

    private static async ValueTask<TResult> WatchAsync<TResult>(Activity? span, ValueTask<TResult> call)
    {
        using (span)
        {
            try
            {
                return await call.ConfigureAwait(false);
            }
            catch (Exception error)
            {
                Fail(span, error);
                throw;
            }
        }
    }

    private static async ValueTask WatchAsync(Activity? span, ValueTask call)
    {
        using (span)
        {
            try
            {
                await call.ConfigureAwait(false);
            }
            catch (Exception error)
            {
                Fail(span, error);
                throw;
            }
        }
    }

    private static void Fail(Activity? span, Exception error)
    {
        span?.SetStatus(ActivityStatusCode.Error);
        span?.SetTag("error.type", RespMetrics.ErrorTypeOf(error));
        if (error is RespServerException server)
        {
            span?.SetTag("db.response.status_code", server.Kind);
        }

        if ((error as RespException)?.Node is { } node && span is not null)
        {
            var tags = default(TagList);
            RespMetrics.AddNode(ref tags, node);
            foreach (var (name, value) in tags)
            {
                span.SetTag(name, value);
            }
        }
    }
}
