using System.Text;
using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Redis.Steps;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Watched;

/// <summary>What a step read, and what it decided to write. Made anew for each attempt.</summary>
internal sealed class StepDraft(PartitionKeys partition, ControlDraft control, IReadOnlyList<RecordDraft> records, long time, ulong life, StepLimits limits, string publish) : IDisposable
{
    private readonly List<byte[]> _messages = [];
    private readonly List<RespCommand> _questions = [];

    public ControlDraft Control => control;

    /// <summary>In the order in which they were asked for; two of one name are the same.</summary>
    public IReadOnlyList<RecordDraft> Records => records;

    /// <summary>What the engine's clock shows, in milliseconds.</summary>
    public long Time => time;

    /// <summary>What became of what was asked.</summary>
    public int Outcome { get; set; }

    /// <summary>The replies to <see cref="Ask"/>, of the moment at which the step was made.</summary>
    public IReadOnlyList<RespValue> Answers { get; set; } = [];

    public StepReply Reply => new(control.Image with { Life = life }, time, life);

    public Incarnation Incarnation => control.Image.State.Incarnation;

    /// <summary>Reads something more, together with the writes.</summary>
    public void Ask(RespCommand question) => _questions.Add(question);

    public void EndLease(RecordDraft record, string name)
    {
        if (record.IsLeased && record.IsAwaited)
        {
            _messages.Add([(byte)'W', .. Encoding.UTF8.GetBytes(name)]);
        }

        record.EndLease();
    }

    public void Number(in Change change)
    {
        control.Number(change, limits);
        var bytes = new byte[17];
        bytes[0] = (byte)'C';
        Argument.Of(Incarnation).Span.CopyTo(bytes.AsSpan(1));
        _messages.Add([.. bytes, .. control.Changes[^1]]);
    }

    /// <summary>All that is to be done, messages after what they tell of, questions last.</summary>
    public (List<RespCommand> Commands, int Questions) Commands()
    {
        List<RespCommand> commands = [.. records.Distinct().SelectMany(record => record.Commands(time)), .. control.Commands(limits)];
        commands.AddRange(_messages.Select(message => new RespCommand(publish, partition.Channel, message)));
        commands.AddRange(_questions);
        return (commands, _questions.Count);
    }

    /// <summary>Gives back the bytes that nobody took.</summary>
    public void Dispose()
    {
        foreach (var record in records)
        {
            record.Dispose();
        }
    }
}
