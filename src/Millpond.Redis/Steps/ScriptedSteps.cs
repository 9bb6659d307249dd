using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Redis.Scripts;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Steps;

/// <summary>Each step is a script, which the engine runs with nothing in between.</summary>
internal sealed class ScriptedSteps(ScriptRunner runner, StepLimits limits, Func<Nonce> draw) : IAtomicSteps
{
    public string Name => "scripts";

    public ValueTask<(StepReply Step, RecordReply[] Records)> ReadAsync(
        PartitionKeys partition, IReadOnlyList<string> texts, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken)
    {
        var arguments = new ReadOnlyMemory<byte>[1 + (2 * texts.Count)];
        arguments[0] = Draw();
        for (var i = 0; i < texts.Count; i++)
        {
            var (nonce, time) = asks.Count == 0 ? (default, default) : (Argument.Of(asks[i].Nonce), Argument.Up(asks[i].Time));
            (arguments[(2 * i) + 1], arguments[(2 * i) + 2]) = (nonce, time);
        }

        return runner.RunAsync<RecordsReader, (StepReply, RecordReply[])>(Script.Read, partition, new(Keys(partition, texts), arguments), RespTraits.Idempotent, cancellationToken);
    }

    public ValueTask<(StepReply Step, int Outcome)> AcquireAsync(PartitionKeys partition, string text, LeaseAsk ask, CancellationToken cancellationToken) =>
        runner.RunAsync<OutcomeReader, (StepReply, int)>(
            Script.Acquire,
            partition,
            new(Keys(partition, [text]), [Draw(), Argument.Of(ask.Nonce), Argument.Up(ask.Time), PurposeOf(ask)]),
            RespTraits.Idempotent,
            cancellationToken);

    public ValueTask<(StepReply Step, int Outcome)> FillAsync(PartitionKeys partition, Fill fill, CancellationToken cancellationToken) =>
        runner.RunAsync<OutcomeReader, (StepReply, int)>(
            Script.Fill,
            partition,
            new(Keys(partition, [fill.Key.Text]),
            [
                Draw(), partition.Channel, Argument.Of(fill.Key.Text), Argument.Of(fill.Nonce), Argument.Of(fill.Record.Incarnation), Argument.Down(fill.SinceGrant),
                Argument.Up(fill.Record.AgeAtFill), Argument.Down(fill.Record.HardTimeToLive), Argument.Up(fill.Record.Sliding), Argument.Of(limits.ChangesMax),
                Argument.Of(fill.Record, fill.Nonce),
            ]),
            RespTraits.None,
            cancellationToken);

    public ValueTask<StepReply> PutAsync(PartitionKeys partition, string text, SharedRecord record, CancellationToken cancellationToken) =>
        runner.RunAsync<StepReader, StepReply>(
            Script.Put,
            partition,
            new(Keys(partition, [text]),
            [
                Draw(), partition.Channel, Argument.Of(text), Argument.Up(record.AgeAtFill), Argument.Down(record.HardTimeToLive), Argument.Up(record.Sliding),
                Argument.Of(limits.ChangesMax), Argument.Of(record, record.FilledUnder),
            ]),
            RespTraits.None,
            cancellationToken);

    public ValueTask<StepReply> ReleaseAsync(PartitionKeys partition, string text, Nonce nonce, CancellationToken cancellationToken) =>
        runner.RunAsync<StepReader, StepReply>(
            Script.Release,
            partition,
            new(Keys(partition, [text]), [Draw(), partition.Channel, Argument.Of(text), Argument.Of(nonce)]),
            RespTraits.Idempotent,
            cancellationToken);

    public async ValueTask<StepReply> ChangeAsync(PartitionKeys partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        StepReply reply = default;

        // The engine serves nobody else while a script runs, so a long list is several steps.
        for (var from = 0; from < changes.Count; from += limits.ChangesAtOnceMax)
        {
            Change[] some = [.. changes.Skip(from).Take(limits.ChangesAtOnceMax)];
            List<ReadOnlyMemory<byte>> arguments = [Draw(), partition.Channel, Argument.Of(limits.FloorsMax), Argument.Of(limits.ChangesMax)];
            foreach (var change in some)
            {
                arguments.AddRange([ChangeText.KindOf(change), ChangeText.AfterOf(change), Argument.Of(change.Name)]);
            }

            var keys = Keys(partition, [.. some.Where(one => one.Kind == ChangeKind.Key).Select(one => one.Name)]);
            reply = await runner.RunAsync<StepReader, StepReply>(Script.Change, partition, new(keys, [.. arguments]), RespTraits.Idempotent, cancellationToken).ConfigureAwait(false);
        }

        return reply;
    }

    public ValueTask<(StepReply Step, IReadOnlyDictionary<string, long> Floors, IReadOnlyList<SequencedChange>? Changes)> ReadControlAsync(
        PartitionKeys partition, long since, Incarnation incarnation, CancellationToken cancellationToken) =>
        runner.RunAsync<ControlReader, (StepReply, IReadOnlyDictionary<string, long>, IReadOnlyList<SequencedChange>?)>(
            Script.Control,
            partition,
            new(Keys(partition, []), [Draw(), Argument.Of(incarnation), Argument.Of(since)]),
            RespTraits.Idempotent,
            cancellationToken);

    public ValueTask<CounterReply> CountAsync(PartitionKeys partition, string text, CounterAsk ask, CancellationToken cancellationToken) =>
        runner.RunPlainAsync<CounterReader, CounterReply>(
            Script.Count,
            partition,
            new([partition.CounterOf(text)], [Argument.Of(ask.Delta), ask.TimeToLive is { } time ? Argument.Up(time) : Argument.Of(0), Argument.Of(ask.Max)]),
            RespTraits.None,
            cancellationToken);

    private static ReadOnlyMemory<byte>[] Keys(PartitionKeys partition, IReadOnlyList<string> texts)
    {
        var keys = new ReadOnlyMemory<byte>[3 + texts.Count];
        (keys[0], keys[1], keys[2]) = (partition.Control, partition.Floors, partition.Log);
        for (var i = 0; i < texts.Count; i++)
        {
            keys[3 + i] = partition.RecordOf(texts[i]);
        }

        return keys;
    }

    private static byte[] PurposeOf(LeaseAsk ask) => ask.Purpose switch
    {
        LeasePurpose.Write => "w"u8.ToArray(),
        LeasePurpose.Extend => "e"u8.ToArray(),
        _ => "l"u8.ToArray(),
    };

    private ReadOnlyMemory<byte> Draw() => Argument.Of(draw());
}
