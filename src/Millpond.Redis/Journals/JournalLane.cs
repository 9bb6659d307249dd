using Millpond.Journals;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Journals;

/// <summary>
/// Makes a journal's steps, on one connection and in order. Whoever comes while steps are under way waits for the next group; the steps of a group travel together, each whole, and share one confirmation of replicas or disk.
/// </summary>
/// <remarks>A refusal is certain: a step's first write is the one that is refused. A connection that ends under a step leaves its outcome unknown, and nothing is made twice.</remarks>
internal sealed class JournalLane(JournalOpening opening, Surroundings surroundings) : IAsyncDisposable
{
    private const int AsksMax = 256;
    private const long BytesMax = 4 << 20;

    // A server that has just taken over, or is taking over, is found within a few.
    private const int AttemptsMax = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly GroupQueue<JournalAsk> _asks = new(surroundings, AsksMax, BytesMax, ask => ask.Bytes);

    // Of whoever runs.
    private JournalSession? _session;
    private bool _isOpen;
    private string _keyspace = "";
    private JournalStand _stand = JournalStand.None;

    /// <summary>How the journal stood when this process heard of it last.</summary>
    public JournalStand Stand => Volatile.Read(ref _stand);

    /// <summary>Finds the journal, before any step.</summary>
    public async Task OpenAsync(string keyspace, CancellationToken cancellationToken)
    {
        _keyspace = keyspace;
        await PrepareAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has a step made. The task ends when it is, or with why not.</summary>
    public Task<JournalStand> AskAsync(JournalScript script, StepEffect effect, ReadOnlyMemory<byte>[] arguments)
    {
        var ask = new JournalAsk(script, effect, arguments, surroundings.NewCompletion<JournalStand>());
        _asks.Add(ask, RunAsync);
        return ask.Done;
    }

    /// <summary>Takes no more, and returns when nothing is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _asks.CloseAsync().ConfigureAwait(false);
        await ForgetAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (await _asks.TakeNextAsync().ConfigureAwait(false) is { } asks)
        {
            try
            {
                await MakeAsync(asks).ConfigureAwait(false);
            }
            catch (Exception defect)
            {
                // Nothing should come here; whoever waits must hear of it all the same.
                asks.ForEach(ask => ask.Fail(JournalFailure.OutcomeUnknown, $"A step of the journal threw {defect.GetType().Name}: {defect.Message}", defect));
            }
        }
    }

    private async Task MakeAsync(List<JournalAsk> asks)
    {
        Exception? cause = null;
        for (var attempt = 1; asks.Count > 0 && attempt <= AttemptsMax; attempt++)
        {
            if (attempt > 1)
            {
                await surroundings.Delay(Pause * (attempt - 1), CancellationToken.None).ConfigureAwait(false);
            }

            try
            {
                (asks, cause) = await AttemptAsync(await PrepareAsync(CancellationToken.None).ConfigureAwait(false), asks).ConfigureAwait(false);
            }
            catch (JournalException unfit)
            {
                // The server is not what it must be; that is said, and looked at again with the next step.
                await ForgetAsync().ConfigureAwait(false);
                asks.ForEach(ask => ask.Fail(JournalFailure.Refused, unfit.Message, unfit));
                return;
            }
            catch (RespException failure)
            {
                await ForgetAsync().ConfigureAwait(false);
                cause = failure;
            }
        }

        asks.ForEach(ask => ask.Fail(JournalFailure.Refused, $"The engine of the journal did not take the step, nor a repetition: {cause?.Message}", cause));
    }

    /// <summary>Sends steps together, and whatever confirms them.</summary>
    /// <returns>Those that were certainly not made and may be tried again, and why they were not.</returns>
    private async Task<(List<JournalAsk> Again, Exception? Cause)> AttemptAsync(JournalSession session, List<JournalAsk> asks)
    {
        var calls = JournalCall.Of(asks).ConvertAll(call => (Call: call, Reply: session.CallAsync(call.Script, _stand.Last, call.Arguments)));
        Task<RespValue>[] confirmations = asks.Exists(ask => ask.IsDurable) ? [.. session.Confirmations.Select(one => session.TellAsync(one.Command))] : [];
        var (again, missing) = (new List<JournalAsk>(), new HashSet<JournalScript>());
        Exception? cause = null;
        var isOver = false;
        foreach (var (call, reply) in calls)
        {
            try
            {
                var stand = await reply.ConfigureAwait(false);
                if (stand.IsKnown)
                {
                    Volatile.Write(ref _stand, stand);
                    if (stand.Beside > 0)
                    {
                        opening.GaveWay(session.Node, stand.Beside);
                    }

                    call.Make(stand);
                }
                else
                {
                    _isOpen = false;
                    again.AddRange(call.Asks);
                }
            }
            catch (RespServerException refusal) when (refusal.Kind == "NOSCRIPT")
            {
                again.AddRange(call.Asks);
                missing.Add(call.Script);
            }
            catch (RespServerException refusal) when (refusal.Kind is "MOVED" or "ASK" or "TRYAGAIN" or "CLUSTERDOWN" or "LOADING" or "MASTERDOWN" or "READONLY")
            {
                (cause, isOver) = (refusal, true);
                again.AddRange(call.Asks);
            }
            catch (RespServerException refusal)
            {
                call.Asks.ForEach(ask => ask.Fail(JournalFailure.Refused, $"The engine of the journal refused: {refusal.Message}", refusal));
            }
            catch (RespException failure)
            {
                isOver = true;
                call.Asks.ForEach(ask => ask.Fail(
                    failure.MayHaveExecuted ? JournalFailure.OutcomeUnknown : JournalFailure.Refused,
                    failure.MayHaveExecuted ? $"The engine of the journal did not answer, so it is not known whether it has taken the step: {failure.Message}" : $"The engine of the journal could not be reached: {failure.Message}",
                    failure));
            }
        }

        var doubt = await DoubtAsync(session, confirmations).ConfigureAwait(false);
        asks.FindAll(ask => ask.IsMade).ForEach(ask => ask.Settle(doubt));
        if (isOver || doubt is { InnerException: not null } || !await TryLoadAsync(session, missing).ConfigureAwait(false))
        {
            await ForgetAsync().ConfigureAwait(false);
        }

        return (again, cause);
    }

    private static async Task<bool> TryLoadAsync(JournalSession session, HashSet<JournalScript> missing)
    {
        try
        {
            foreach (var script in missing)
            {
                await session.LoadAsync(script).ConfigureAwait(false);
            }

            return true;
        }
        catch (RespException)
        {
            // It is loaded on the next connection, if there is one.
            return false;
        }
    }

    private static async Task<JournalException?> DoubtAsync(JournalSession session, Task<RespValue>[] confirmations)
    {
        JournalException? doubt = null;
        for (var i = 0; i < confirmations.Length; i++)
        {
            var asked = session.Confirmations[i];
            try
            {
                var reply = await confirmations[i].ConfigureAwait(false);
                if (!asked.IsGivenBy(reply))
                {
                    doubt = new(JournalFailure.OutcomeUnknown, $"The engine at {session.Node} has taken the write, and {asked.Who} did not have it in time ({asked.Command.Name}, at least {asked.Least}): it is flushed unless that server is lost before.");
                }
            }
            catch (RespException failure)
            {
                doubt = new(JournalFailure.OutcomeUnknown, $"The engine at {session.Node} did not say whether {asked.Who} has the write: {failure.Message}", failure);
            }
        }

        return doubt;
    }

    private async Task<JournalSession> PrepareAsync(CancellationToken cancellationToken)
    {
        if (_session is null or { IsConnected: false })
        {
            await ForgetAsync().ConfigureAwait(false);
            _session = await opening.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!_isOpen)
        {
            Volatile.Write(ref _stand, await opening.OpenAsync(_session, _stand, _keyspace).ConfigureAwait(false));
            _isOpen = true;
        }

        return _session;
    }

    private async Task ForgetAsync()
    {
        var session = _session;
        (_session, _isOpen) = (null, false);
        if (session is not null)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }
}
