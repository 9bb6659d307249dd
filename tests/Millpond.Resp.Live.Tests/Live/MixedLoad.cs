namespace Millpond.Resp.Live.Tests.Live;

/// <summary>
/// Callers of every kind: plain calls, batches, large values, calls that are cancelled before, while and after they are answered. Every reply is compared with what was asked for.
/// </summary>
internal sealed class MixedLoad
{
    // No call may outlive this, whatever happens: the client's own time-out with much room for a slow machine.
    private static readonly TimeSpan HangAfter = TimeSpan.FromSeconds(30);

    private readonly RespClient _client;
    private readonly Task[] _callers;
    private readonly string[] _doing;
    private long _answered;
    private long _failed;
    private long _cancelled;
    private volatile bool _isEnding;

    public MixedLoad(RespClient client, int callers)
    {
        (_client, _doing) = (client, new string[callers]);
        _callers = [.. Enumerable.Range(0, callers).Select(i => Task.Run(() => CallAsync(i)))];
    }

    public (long Answered, long Failed, long Cancelled) Counts => (Volatile.Read(ref _answered), Volatile.Read(ref _failed), Volatile.Read(ref _cancelled));

    /// <summary>Lets every caller finish the call it is in.</summary>
    public async Task EndAsync()
    {
        _isEnding = true;
        var all = Task.WhenAll(_callers);
        try
        {
            await all.WaitAsync(HangAfter);
        }
        catch (TimeoutException)
        {
            var hung = _doing.Where((_, i) => !_callers[i].IsCompleted);
            Assert.Fail($"{_callers.Count(c => !c.IsCompleted)} calls hang ({string.Join(", ", hung.Take(10))}); {_client.Activity}");
        }

    }

    private async Task CallAsync(int caller)
    {
        var random = new Random(caller);
        for (var i = 0; !_isEnding; i++)
        {
            var text = $"{caller}:{i}:{random.Next()}";
            using var cancellation = new CancellationTokenSource();
            try
            {
                _doing[caller] = $"{i % 8} of {text}";
                await CallOnceAsync(i % 8, text, random, cancellation);
                Interlocked.Increment(ref _answered);
            }
            catch (RespException)
            {
                Interlocked.Increment(ref _failed);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                Interlocked.Increment(ref _cancelled);
            }
        }
    }

    private async Task CallOnceAsync(int kind, string text, Random random, CancellationTokenSource cancellation)
    {
        switch (kind)
        {
            case 0:
                await EchoAsync(new RespCommand("ECHO", text), text, CancellationToken.None);
                break;
            case 1:
                await cancellation.CancelAsync();
                await EchoAsync(new RespCommand("ECHO", text), text, cancellation.Token);
                break;
            case 2:
                cancellation.CancelAfter(random.Next(3));
                await EchoAsync(new RespCommand("ECHO", text) { Traits = RespTraits.Idempotent }, text, cancellation.Token);
                break;
            case 3:
                var call = EchoAsync(new RespCommand("ECHO", text), text, cancellation.Token);
                await cancellation.CancelAsync();
                await call;
                break;
            case 4 or 5:
                cancellation.CancelAfter(kind == 4 ? random.Next(3) : 60_000);
                await BatchAsync(text, cancellation.Token);
                break;
            case 6 when random.Next(20) == 0:
                var large = text.PadRight(100_000, '.');
                await EchoAsync(new RespCommand("ECHO", large), large, CancellationToken.None);
                break;
            default:
                await EchoAsync(new RespCommand("ECHO", text) { Traits = RespTraits.Idempotent }, text, CancellationToken.None);
                break;
        }
    }

    private async Task EchoAsync(RespCommand command, string text, CancellationToken cancellationToken) => Same(text, (await _client.ExecuteAsync(command, cancellationToken)).Text);

    private async Task BatchAsync(string text, CancellationToken cancellationToken)
    {
        var requests = Enumerable.Range(0, 10).Select(n => new RespCommand("ECHO", $"{text}/{n}")).ToArray();
        var outcomes = new RespOutcome<RespValue>[10];
        try
        {
            await _client.SendBatchAsync<RespCommand, RespValue>(requests, outcomes, cancellationToken);
        }
        finally
        {
            // The memory is the caller's again: whoever still reads it now sends something wrong.
            Array.Fill(requests, new RespCommand("ECHO", "not to be sent"));
        }

        for (var n = 0; n < outcomes.Length; n++)
        {
            if (outcomes[n].Error is { } error)
            {
                throw error;
            }

            Same($"{text}/{n}", outcomes[n].Result!.Text);
        }
    }

    // Not an assertion of the test library: its exception is no RespException, so it ends the caller, and with it the test.
    private static void Same(string asked, string? answered)
    {
        if (asked != answered)
        {
            throw new InvalidOperationException($"'{asked[..Math.Min(asked.Length, 60)]}' was answered with '{answered}'.");
        }
    }
}
