using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Redis.Watched;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Steps;

/// <summary>Each step is a watched transaction, for logins that may not run scripts and engines whose scripts are not isolated. It decides as the scripts do, in this process.</summary>
internal sealed class WatchedSteps(WatchedRunner runner, StepLimits limits) : IAtomicSteps
{
    private static readonly string[] NoScopes = [];

    public string Name => "watched transactions";

    public async ValueTask<(StepReply Step, RecordReply[] Records)> ReadAsync(
        PartitionKeys partition, IReadOnlyList<string> texts, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken)
    {
        var outcomes = new LeaseOutcome[texts.Count];
        using var draft = await runner.RunAsync(partition, new StepView(texts, IsWhole: true, Scopes: null, IsChange: false), RespTraits.Idempotent, draft =>
        {
            for (var i = 0; i < outcomes.Length; i++)
            {
                outcomes[i] = Read(draft, draft.Records[i], asks.Count == 0 ? null : asks[i]);
            }
        }, cancellationToken).ConfigureAwait(false);
        return (draft.Reply, [.. draft.Records.Select((record, i) => new RecordReply(record.HasValue ? record.TakeWhole() : null, outcomes[i]))]);
    }

    public async ValueTask<(StepReply Step, int Outcome)> AcquireAsync(PartitionKeys partition, string text, LeaseAsk ask, CancellationToken cancellationToken)
    {
        using var draft = await runner.RunAsync(partition, OneHead(text), RespTraits.Idempotent, draft => draft.Outcome = (int)Lease(draft, draft.Records[0], ask), cancellationToken).ConfigureAwait(false);
        return (draft.Reply, draft.Outcome);
    }

    public async ValueTask<(StepReply Step, int Outcome)> FillAsync(PartitionKeys partition, Fill fill, CancellationToken cancellationToken)
    {
        var bytes = Argument.Of(fill.Record, fill.Nonce);
        using var draft = await runner.RunAsync(partition, OneHead(fill.Key.Text), RespTraits.None, draft => draft.Outcome = (int)Store(draft, fill, bytes), cancellationToken).ConfigureAwait(false);
        return (draft.Reply, draft.Outcome);
    }

    public async ValueTask<StepReply> PutAsync(PartitionKeys partition, string text, SharedRecord record, CancellationToken cancellationToken)
    {
        var bytes = Argument.Of(record, record.FilledUnder).ToArray();
        using var draft = await runner.RunAsync(partition, OneHead(text) with { IsChange = true }, RespTraits.None, draft =>
        {
            var put = draft.Records[0];
            draft.Number(Change.OfKey(text));
            draft.EndLease(put, text);
            RecordFormat.Restamp(bytes, draft.Control.Image.State.Sequence, draft.Incarnation);
            put.Store(bytes, Up(record.AgeAtFill), Down(record.HardTimeToLive), Up(record.Sliding), draft.Time);
        }, cancellationToken).ConfigureAwait(false);
        return draft.Reply;
    }

    public async ValueTask<StepReply> ReleaseAsync(PartitionKeys partition, string text, Nonce nonce, CancellationToken cancellationToken)
    {
        using var draft = await runner.RunAsync(partition, OneHead(text), RespTraits.Idempotent, draft =>
        {
            if (draft.Records[0] is { IsLeased: true } record && record.Nonce == nonce)
            {
                draft.EndLease(record, text);
            }
        }, cancellationToken).ConfigureAwait(false);
        return draft.Reply;
    }

    public async ValueTask<StepReply> ChangeAsync(PartitionKeys partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        StepReply reply = default;
        for (var from = 0; from < changes.Count; from += limits.ChangesAtOnceMax)
        {
            Change[] some = [.. changes.Skip(from).Take(limits.ChangesAtOnceMax)];
            string[] texts = [.. some.Where(one => one.Kind == ChangeKind.Key).Select(one => one.Name)];
            string[] scopes = [.. some.Where(one => one.Kind == ChangeKind.Scope).Select(one => one.Name).Distinct(StringComparer.Ordinal)];
            using var draft = await runner.RunAsync(partition, new StepView(texts, IsWhole: false, scopes, IsChange: true), RespTraits.Idempotent, draft => Make(draft, some), cancellationToken).ConfigureAwait(false);
            reply = draft.Reply;
        }

        return reply;
    }

    public async ValueTask<(StepReply Step, IReadOnlyDictionary<string, long> Floors, IReadOnlyList<SequencedChange>? Changes)> ReadControlAsync(
        PartitionKeys partition, long since, Incarnation incarnation, CancellationToken cancellationToken)
    {
        using var draft = await runner.RunAsync(partition, new StepView([], IsWhole: false, NoScopes, IsChange: true), RespTraits.Idempotent, draft =>
        {
            draft.Control.Renew();
            draft.Ask(new RespCommand("ZRANGE", partition.Floors, 0, -1, "WITHSCORES"));
            if (incarnation == draft.Incarnation && since < draft.Control.Image.State.Sequence)
            {
                draft.Ask(new RespCommand("LRANGE", partition.Log, 0, draft.Control.Image.State.Sequence - since - 1));
            }
        }, cancellationToken).ConfigureAwait(false);
        var state = draft.Control.Image.State;
        var floors = FloorText.ReadAll(draft.Answers[0]).ToDictionary(one => one.Scope, one => one.Floor, StringComparer.Ordinal);
        IReadOnlyList<SequencedChange>? changes = incarnation != state.Incarnation || since > state.Sequence ? null
            : since == state.Sequence ? []
            : Changes(draft.Answers[1], state.Sequence - since);
        return (draft.Reply, floors, changes);
    }

    public async ValueTask<CounterReply> CountAsync(PartitionKeys partition, string text, CounterAsk ask, CancellationToken cancellationToken)
    {
        var counter = partition.CounterOf(text);
        var counted = await runner.RunAsync(partition, session => WatchedCounter.AttemptAsync(session, counter, ask), cancellationToken).ConfigureAwait(false);
        return counted.Reply;
    }

    private static LeaseOutcome Read(StepDraft draft, RecordDraft record, LeaseAsk? ask)
    {
        if (record.HasValue)
        {
            if (record.IsSliding)
            {
                record.Slide(draft.Time);
            }

            return LeaseOutcome.None;
        }

        return ask is { } wish ? Lease(draft, record, wish with { Purpose = LeasePurpose.Load }) : LeaseOutcome.None;
    }

    // Renewed: the lease is extended, or the ask was sent twice.
    private static LeaseOutcome Lease(StepDraft draft, RecordDraft record, LeaseAsk ask)
    {
        var isMine = record.IsLeased && record.Nonce == ask.Nonce;
        if (ask.Purpose == LeasePurpose.Extend)
        {
            if (isMine)
            {
                record.Extend(Up(ask.Time), draft.Time);
            }

            return isMine ? LeaseOutcome.Renewed : LeaseOutcome.None;
        }

        if (record.IsLeased && ask.Purpose == LeasePurpose.Load && !isMine)
        {
            record.Await();
            return LeaseOutcome.Held;
        }

        var outcome = isMine ? LeaseOutcome.Renewed : LeaseOutcome.Granted;
        record.Grant(ask.Nonce, Up(ask.Time), ask.Purpose, draft.Incarnation, draft.Time);
        return outcome;
    }

    private static FillOutcome Store(StepDraft draft, Fill fill, ReadOnlyMemory<byte> bytes)
    {
        var record = draft.Records[0];
        if (fill.Record.Incarnation != draft.Incarnation)
        {
            return FillOutcome.OtherIncarnation;
        }

        if (!record.IsLeased || record.Nonce != fill.Nonce)
        {
            return FillOutcome.LeaseLost;
        }

        if (record.IsForWriting)
        {
            draft.Number(Change.OfKey(fill.Key.Text));
        }

        var onTheWay = Math.Max(0, draft.Time - record.LeasedAt - Down(fill.SinceGrant));
        draft.EndLease(record, fill.Key.Text);
        record.Store(bytes, Up(fill.Record.AgeAtFill) + onTheWay, Down(fill.Record.HardTimeToLive), Up(fill.Record.Sliding), draft.Time);
        return FillOutcome.Stored;
    }

    private static void Make(StepDraft draft, Change[] changes)
    {
        var next = 0;
        foreach (var change in changes)
        {
            if (change.Kind == ChangeKind.Key)
            {
                var record = draft.Records[next++];
                record.Invalidate(change.After, draft.Time);
                draft.EndLease(record, change.Name);
            }

            draft.Number(change);
        }
    }

    private static SequencedChange[]? Changes(RespValue newestFirst, long count) =>
        newestFirst.Items.Count != count ? null
        : [.. newestFirst.Items.Reverse().Select(one => ChangeText.TryRead(one.Bytes.Span, out var change) ? change : throw StepReply.Unreadable("a change in the log"))];

    private static StepView OneHead(string text) => new([text], IsWhole: false, Scopes: null, IsChange: false);

    private static long Up(TimeSpan time) => Argument.Milliseconds(time, TimeSpan.TicksPerMillisecond - 1);

    private static long Down(TimeSpan time) => Argument.Milliseconds(time, 0);
}
