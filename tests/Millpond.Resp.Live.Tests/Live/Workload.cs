namespace Millpond.Resp.Live.Tests.Live;

/// <summary>
/// Callers that read and write while something happens to the servers. Each key's value names the key, so a reply that reaches the wrong caller shows; each call ends, in a result or an error.
/// </summary>
internal sealed class Workload : IAsyncDisposable
{
    // No call may outlive this, whatever happens: the client's own time-out with room for a slow machine.
    private static readonly TimeSpan HangAfter = TimeSpan.FromSeconds(20);

    private readonly RespClient _client;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task[] _callers;
    private long _answered;
    private long _failed;

    public Workload(RespClient client, int callers = 16)
    {
        _client = client;
        _callers = [.. Enumerable.Range(0, callers).Select(i => Task.Run(() => CallAsync(i)))];
    }

    public long Answered => Volatile.Read(ref _answered);

    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Codes and kinds of the errors seen.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, int> Errors { get; } = [];

    /// <summary>Waits until so many further calls were answered.</summary>
    public async Task UntilAnsweredAsync(long more)
    {
        var wanted = Answered + more;
        while (Answered < wanted)
        {
            ThrowIfBroken();
            await Task.Delay(5);
        }
    }

    /// <summary>Waits until a further call has failed.</summary>
    public async Task UntilFailedAsync()
    {
        var before = Failed;
        while (Failed == before)
        {
            ThrowIfBroken();
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_callers).WaitAsync(HangAfter);
        _ending.Dispose();
    }

    private async Task CallAsync(int caller)
    {
        for (var i = 0; !_ending.IsCancellationRequested; i++)
        {
            var key = $"key:{caller}:{i % 50}";
            try
            {
                if (i % 4 == 0)
                {
                    await _client.ExecuteAsync("SET", key, "value of " + key).AsTask().WaitAsync(HangAfter);
                }
                else
                {
                    var value = (await _client.ExecuteAsync(new RespCommand("GET", key) { Traits = RespTraits.Idempotent }).AsTask().WaitAsync(HangAfter)).Text;
                    Assert.True(value is null || value == "value of " + key, $"{key} was answered with '{value}'.");
                }

                Interlocked.Increment(ref _answered);
            }
            catch (RespException failure)
            {
                Interlocked.Increment(ref _failed);
                Errors.AddOrUpdate(failure is RespServerException server ? server.Kind : failure.Code.ToString(), 1, (_, n) => n + 1);
                await Task.Delay(1);
            }
        }
    }

    private void ThrowIfBroken()
    {
        if (_callers.FirstOrDefault(c => c.IsFaulted) is { } broken)
        {
            broken.GetAwaiter().GetResult();
        }
    }
}
