using System.Text;
using System.Threading.Channels;

namespace Catalog.Load;

/// <summary>
/// Sends the mix to the service over real HTTP, at an even rate, by a fixed number of senders. What is due while all of them are busy
/// and the queue is full is not sent later but shed: a driver that catches up would turn a slow second into a slow minute.
/// </summary>
internal sealed class LoadDriver(RequestMix mix, FlashCrowd crowd, LoadFigures figures, TimeProvider time, int rate) : IDisposable
{
    /// <summary>
    /// As many requests may be under way at once. People do not stop asking because others wait: were this small, a slow database
    /// would look like a quiet day.
    /// </summary>
    private const int Senders = 1_024;

    private const int QueueMax = 512;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Rise = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan CrowdEvery = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan CrowdFor = TimeSpan.FromSeconds(8);

    private readonly Channel<(LoadRequest Request, long Due)> _due = Channel.CreateBounded<(LoadRequest, long)>(
        new BoundedChannelOptions(QueueMax) { SingleWriter = true });

    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = Senders, UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>Sends until cancelled; returns when the last answer is in or given up.</summary>
    public async Task RunAsync(Uri service, CancellationToken cancellation)
    {
        Task[] senders = [.. Enumerable.Range(0, Senders).Select(_ => SendDueAsync(service, cancellation))];
        try
        {
            await PaceAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // The ordinary end.
        }

        _due.Writer.Complete();
        await Task.WhenAll(senders);
    }

    public void Dispose() => _client.Dispose();

    private async Task PaceAsync(CancellationToken cancellation)
    {
        using var beat = new PeriodicTimer(Beat, time);
        long started = time.GetTimestamp();
        long lastCrowd = started;
        long released = 0;
        while (await beat.WaitForNextTickAsync(cancellation))
        {
            long due = Due(time.GetElapsedTime(started));

            // After a pause of the whole process, at most a tenth of a second's worth comes at once.
            released = Math.Max(released, due - Math.Max(1, rate / 10));
            for (; released < due; released++)
            {
                if (!_due.Writer.TryWrite((mix.Next(), time.GetTimestamp())))
                {
                    figures.CountShed();
                }
            }

            if (time.GetElapsedTime(lastCrowd) > CrowdEvery)
            {
                lastCrowd = time.GetTimestamp();
                crowd.Start(CrowdFor);
            }
        }
    }

    /// <summary>How many requests are due by now. The first seconds rise to the full rate: a process that starts has nothing compiled yet.</summary>
    private long Due(TimeSpan elapsed)
    {
        double rising = Math.Min(elapsed / Rise, 1);
        double full = Math.Max(0, (elapsed - Rise).TotalSeconds);
        return (long)(rate * ((Rise.TotalSeconds * rising * rising / 2) + full));
    }

    private async Task SendDueAsync(Uri service, CancellationToken cancellation)
    {
        await foreach ((LoadRequest request, long due) in _due.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (cancellation.IsCancellationRequested)
            {
                continue;
            }

            try
            {
                await SendAsync(service, request, cancellation);

                // From when it was due, not from when a sender was free: the wait for one is part of what a caller sees.
                figures.Latency.Record(time.GetElapsedTime(due).TotalSeconds);
            }
            catch (HttpRequestException)
            {
                figures.CountBroken();
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // The client's own time-out.
                figures.CountBroken();
            }
            catch (OperationCanceledException)
            {
                // The program ends.
            }
        }
    }

    private async Task SendAsync(Uri service, LoadRequest request, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(service, request.Path));
        if (request.Kind == LoadKind.StockChange)
        {
            message.Method = HttpMethod.Put;
            message.Content = new StringContent($$"""{"stock":{{request.Stock}}}""", Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage response = await _client.SendAsync(message, cancellation);
    }
}
