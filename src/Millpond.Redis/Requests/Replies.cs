using System.Globalization;
using Millpond.Redis.Layout;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Requests;

/// <summary>What every script says first: the control record of its step, the server's time, and who the server is.</summary>
internal readonly record struct StepReply(ControlImage Control, long Time, ulong Life)
{
    /// <summary>Reads it and stays in front of what else the script says.</summary>
    public static StepReply Read(ref RespReader reader, int elements)
    {
        var count = reader.GetCount();
        if (count < elements)
        {
            throw Unreadable($"{count} elements where {elements} were expected");
        }

        reader.ReadNext();
        if (!ControlImage.TryRead(reader.Bytes, out var control))
        {
            throw Unreadable("no control record");
        }

        reader.ReadNext();
        return new StepReply(control, reader.GetInteger(), ServerLife.Of(reader.Server));
    }

    public static RespException Unreadable(string what) =>
        new(RespErrorCode.UnexpectedReply, $"a script's reply is not what this version understands: {what}. Do all processes run compatible versions?");
}

/// <summary>Nothing but the step.</summary>
internal readonly struct StepReader : IReplyReader<StepReply>, IStepOf<StepReply>
{
    public static StepReply StepOf(StepReply result) => result;

    public static StepReply Read(ref RespReader reader) => StepReply.Read(ref reader, 2);
}

/// <summary>The step and one number, which says what became of what was asked.</summary>
internal readonly struct OutcomeReader : IReplyReader<(StepReply Step, int Outcome)>, IStepOf<(StepReply Step, int Outcome)>
{
    public static StepReply StepOf((StepReply Step, int Outcome) result) => result.Step;

    public static (StepReply Step, int Outcome) Read(ref RespReader reader)
    {
        var step = StepReply.Read(ref reader, 3);
        reader.ReadNext();
        return (step, (int)reader.GetInteger());
    }
}

/// <summary>The step, and for each record its bytes or what became of the lease asked for.</summary>
internal readonly struct RecordsReader : IReplyReader<(StepReply Step, RecordReply[] Records)>, IStepOf<(StepReply Step, RecordReply[] Records)>
{
    public static StepReply StepOf((StepReply Step, RecordReply[] Records) result) => result.Step;

    public static (StepReply Step, RecordReply[] Records) Read(ref RespReader reader)
    {
        var records = new RecordReply[Math.Max(0, reader.GetCount() - 2)];
        var step = StepReply.Read(ref reader, 2);
        for (var i = 0; i < records.Length; i++)
        {
            reader.ReadNext();
            records[i] = reader.Type == RespType.Integer
                ? new RecordReply(null, (LeaseOutcome)reader.GetInteger())
                : new RecordReply(PooledBytes.CopyOf(reader.Bytes), LeaseOutcome.None);
        }

        return (step, records);
    }
}

/// <summary>A record's bytes, or what became of the lease asked for.</summary>
internal readonly record struct RecordReply(PooledBytes? Bytes, LeaseOutcome Lease);

/// <summary>The step, the floors, and what changed since.</summary>
internal readonly struct ControlReader
    : IReplyReader<(StepReply Step, IReadOnlyDictionary<string, long> Floors, IReadOnlyList<SequencedChange>? Changes)>,
        IStepOf<(StepReply Step, IReadOnlyDictionary<string, long> Floors, IReadOnlyList<SequencedChange>? Changes)>
{
    public static StepReply StepOf((StepReply Step, IReadOnlyDictionary<string, long> Floors, IReadOnlyList<SequencedChange>? Changes) result) => result.Step;

    public static (StepReply Step, IReadOnlyDictionary<string, long> Floors, IReadOnlyList<SequencedChange>? Changes) Read(ref RespReader reader)
    {
        var step = StepReply.Read(ref reader, 4);
        reader.ReadNext();
        var floors = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var left = reader.GetCount() / 2; left > 0; left--)
        {
            reader.ReadNext();
            var scope = reader.GetText()!;
            reader.ReadNext();
            floors[scope] = (long)double.Parse(reader.GetText()!, CultureInfo.InvariantCulture);
        }

        reader.ReadNext();
        return (step, floors, reader.IsNull ? null : Changes(ref reader));
    }

    private static SequencedChange[] Changes(ref RespReader reader)
    {
        var changes = new SequencedChange[reader.GetCount()];
        for (var i = changes.Length - 1; i >= 0; i--)
        {
            reader.ReadNext();
            changes[i] = ChangeText.TryRead(reader.Bytes, out var change) ? change : throw StepReply.Unreadable("a change in the log");
        }

        return changes;
    }
}

/// <summary>What a counter says: its sum as text, whether it was counted, and the milliseconds it has left, below zero for ever.</summary>
internal readonly struct CounterReader : IReplyReader<CounterReply>
{
    public static CounterReply Read(ref RespReader reader)
    {
        reader.ReadNext();
        var sum = long.Parse(reader.GetText()!, CultureInfo.InvariantCulture);
        reader.ReadNext();
        var isCounted = reader.GetInteger() == 1;
        reader.ReadNext();
        var left = reader.GetInteger();
        return new CounterReply { Sum = sum, IsCounted = isCounted, TimeLeft = left < 0 ? null : TimeSpan.FromMilliseconds(left) };
    }
}
