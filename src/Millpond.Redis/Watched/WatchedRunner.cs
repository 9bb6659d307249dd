using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Millpond.Redis.Layout;
using Millpond.Resp;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Redis.Watched;

/// <summary>
/// Makes steps whole without scripts: watch and read, decide, and write in a transaction that the engine refuses if anything that was read has changed; then again. Two round trips where
/// nobody comes between. A step goes on when its caller no longer waits, so that what was begun on a session is ended.
/// </summary>
internal sealed class WatchedRunner(RespClient client, SessionLanes lanes, Watching watching, Surroundings surroundings)
{
    /// <summary>A refusal means that somebody else's step was made, so there is progress; but nobody waits for his own for ever.</summary>
    private const int RefusalsMax = 200;

    private const int FailuresMax = 5;

    private const double PauseMaxMilliseconds = 8;

    private readonly ConcurrentDictionary<PartitionId, SemaphoreSlim> _turns = new();

    /// <summary>Makes a step.</summary>
    /// <param name="partition">Where.</param>
    /// <param name="view">What is read.</param>
    /// <param name="traits">Whether it may be made again when nobody knows whether it was made.</param>
    /// <param name="decide">Decides; called again for each attempt, with what that one read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<StepDraft> RunAsync(PartitionKeys partition, StepView view, RespTraits traits, Action<StepDraft> decide, CancellationToken cancellationToken) =>
        surroundings.WaitAsync(RepeatAsync(partition, traits, view.IsChange, session => AttemptAsync(session, partition, view, decide)), cancellationToken);

    /// <summary>Makes a step over something else than records, which nobody knows to be harmless twice.</summary>
    /// <param name="partition">Where.</param>
    /// <param name="attempt">Watches, reads and writes; null if that was refused.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<TResult> RunAsync<TResult>(PartitionKeys partition, Func<PooledSession, Task<TResult?>> attempt, CancellationToken cancellationToken)
        where TResult : class =>
        surroundings.WaitAsync(RepeatAsync(partition, RespTraits.None, takesTurn: false, async session => new Attempt<TResult>(await attempt(session).ConfigureAwait(false), MustBeNew: false)), cancellationToken);

    private async Task<Attempt<StepDraft>> AttemptAsync(PooledSession session, PartitionKeys partition, StepView view, Action<StepDraft> decide)
    {
        var draft = await watching.LookAsync(session, partition, view).ConfigureAwait(false);
        var isMade = false;
        try
        {
            // Whoever begins an incarnation must know in which life, and a session knows what it was told when it was made.
            if (draft.Control.Began && !session.IsNew)
            {
                return new(null, MustBeNew: true);
            }

            decide(draft);
            var (commands, questions) = draft.Commands();
            if (await session.TransactAsync(commands).ConfigureAwait(false) is not { } replies)
            {
                return new(null, MustBeNew: false);
            }

            draft.Answers = [.. replies.TakeLast(questions)];
            isMade = true;
            return new(draft, MustBeNew: false);
        }
        finally
        {
            if (!isMade)
            {
                draft.Dispose();
            }
        }
    }

    private async Task<TResult> RepeatAsync<TResult>(PartitionKeys partition, RespTraits traits, bool takesTurn, Func<PooledSession, Task<Attempt<TResult>>> attempt)
        where TResult : class
    {
        using var time = new CancellationTokenSource(client.Options.CommandTimeout, surroundings.Time);
        using var turn = new Turn(_turns.GetOrAdd(partition.Id, static _ => new SemaphoreSlim(1)));
        var (refusals, failures, mustBeNew) = (0, 0, false);
        while (true)
        {
            if (takesTurn || refusals > 0)
            {
                await WithinAsync(turn.TakeAsync(time.Token), time.Token).ConfigureAwait(false);
            }

            var loan = await WithinAsync(lanes.BorrowAsync(partition.Slot, mustBeNew, time.Token), time.Token).ConfigureAwait(false);
            var (made, failure) = await TryAsync(loan, attempt).ConfigureAwait(false);
            if (made.Result is { } result)
            {
                return result;
            }

            mustBeNew = made.MustBeNew;
            if (failure is not null)
            {
                if (!MayRepeat(loan.Session, failure, traits) || ++failures >= FailuresMax || time.IsCancellationRequested)
                {
                    ExceptionDispatchInfo.Throw(failure);
                }

                await FindAsync(partition).ConfigureAwait(false);
            }
            else if (!mustBeNew)
            {
                await PauseAsync(partition, ++refusals, time.Token).ConfigureAwait(false);
            }
        }
    }

    // Whatever becomes of the attempt, the session is given back or ended.
    private static async Task<(Attempt<TResult> Made, RespException? Failure)> TryAsync<TResult>(SessionLoan loan, Func<PooledSession, Task<Attempt<TResult>>> attempt)
        where TResult : class
    {
        var isInOrder = false;
        try
        {
            var made = await attempt(loan.Session).ConfigureAwait(false);
            isInOrder = !made.MustBeNew;
            return (made, null);
        }
        catch (RespException failure)
        {
            // A server that refuses has answered everything.
            isInOrder = failure is RespServerException && !IsElsewhere(failure);
            return (default, failure);
        }
        finally
        {
            await loan.GiveBackAsync(isInOrder).ConfigureAwait(false);
        }
    }

    // Certainly not made, or made twice without harm.
    private static bool MayRepeat(PooledSession session, RespException failure, RespTraits traits) =>
        IsElsewhere(failure) || (failure is not RespServerException && (!session.IsCommitting || !failure.MayHaveExecuted || traits.HasFlag(RespTraits.Idempotent)));

    private static bool IsElsewhere(RespException failure) =>
        failure is RespServerException { Kind: "MOVED" or "ASK" or "TRYAGAIN" or "CLUSTERDOWN" or "LOADING" or "MASTERDOWN" or "READONLY" };

    // Whoever looks after the shared connections finds out who takes the partition's writes now, or that nobody does.
    private async ValueTask FindAsync(PartitionKeys partition)
    {
        await lanes.ForgetAsync(partition.Slot).ConfigureAwait(false);
        await client.ExecuteAsync(new RespCommand("DEL", partition.Nothing) { Slot = partition.Slot, Traits = RespTraits.Idempotent }).ConfigureAwait(false);
    }

    private async Task<T> WithinAsync<T>(Task<T> wait, CancellationToken deadline)
    {
        try
        {
            return await wait.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new RespException(
                RespErrorCode.TimedOut, $"a step waited {Milliseconds(client.Options.CommandTimeout)} ms for its turn (CommandTimeout); the engine is slow, or more steps are asked of it than it makes.");
        }
    }

    private async ValueTask PauseAsync(PartitionKeys partition, int refusals, CancellationToken deadline)
    {
        try
        {
            if (refusals >= RefusalsMax)
            {
                throw new OperationCanceledException(deadline);
            }

            // The first ones were chance; after that chance decides who comes later.
            var most = Math.Min(PauseMaxMilliseconds, refusals - 2);
            if (most > 0)
            {
                await surroundings.Delay(TimeSpan.FromMilliseconds(most * surroundings.NextDouble()), deadline).ConfigureAwait(false);
            }
            else
            {
                deadline.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            throw new SharedTierException(
                $"{partition.Id}: a step was refused {refusals} times within {Milliseconds(client.Options.CommandTimeout)} ms, because others changed the partition each time. Allow '+@scripting', with which steps do not meet, or use more partitions.");
        }
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);

    /// <summary>Changes of one process come one after another, as does whoever met one; they would only refuse each other.</summary>
    private sealed class Turn(SemaphoreSlim one) : IDisposable
    {
        private bool _isTaken;

        public async Task<bool> TakeAsync(CancellationToken deadline)
        {
            if (!_isTaken)
            {
                await one.WaitAsync(deadline).ConfigureAwait(false);
                _isTaken = true;
            }

            return true;
        }

        public void Dispose()
        {
            if (_isTaken)
            {
                one.Release();
            }
        }
    }

    /// <summary>What came of an attempt.</summary>
    /// <param name="Result">Null if it must be made again.</param>
    /// <param name="MustBeNew">Whether on a session that asks its server anew who it is.</param>
    private readonly record struct Attempt<TResult>(TResult? Result, bool MustBeNew);
}
