using System.Text;
using Millpond.Redis.Layout;
using Millpond.Redis.Steps;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Watched;

/// <summary>A partition's control record, floors and log as a step found them, and what the step makes of them.</summary>
internal sealed class ControlDraft
{
    /// <summary>How long the partition's own keys are kept after the last step that touched them: 30 days.</summary>
    public const long KeepMilliseconds = 2_592_000_000;

    private readonly PartitionKeys _partition;
    private readonly ulong _life;
    private readonly Dictionary<string, long> _floors = new(StringComparer.Ordinal);
    private readonly List<RespCommand> _floorCommands = [];
    private readonly List<byte[]> _changes = [];
    private bool _isChanged;

    /// <param name="partition">The partition.</param>
    /// <param name="life">The server's.</param>
    /// <param name="found">What stood there; null if it begins a new incarnation.</param>
    /// <param name="drawn">The incarnation that begins then.</param>
    public ControlDraft(PartitionKeys partition, ulong life, ControlImage? found, Incarnation drawn)
    {
        (_partition, _life, Began, _isChanged) = (partition, life, found is null, found is null);
        Image = found ?? new ControlImage(life, new PartitionState(drawn, 0, 0), 0, 0);
    }

    public ControlImage Image { get; private set; }

    /// <summary>Whether the step begins a new incarnation (rule 9).</summary>
    public bool Began { get; }

    /// <summary>The changes that the step made, as bytes of <see cref="ChangeText"/>.</summary>
    public IReadOnlyList<byte[]> Changes => _changes;

    /// <summary>Takes note of a floor: of each scope that the step will change, and of enough of the lowest to know those that merge.</summary>
    public void Know(string scope, long floor)
    {
        if (!Began)
        {
            _floors[scope] = floor;
        }
    }

    /// <summary>Writes it though it stays the same, so that it is kept longer.</summary>
    public void Renew() => _isChanged = true;

    /// <summary>Gives a change its number.</summary>
    public void Number(in Change change, StepLimits limits)
    {
        var (incarnation, sequence, newest) = Image.State;
        sequence++;
        _isChanged = true;
        _changes.Add(ChangeText.Write(new SequencedChange(sequence, change)));
        newest = change.Kind == ChangeKind.Key ? newest : sequence;
        Image = Image with { State = new PartitionState(incarnation, sequence, newest) };
        if (change.Kind == ChangeKind.Scope)
        {
            RaiseFloor(change.Name, sequence, limits.FloorsMax);
        }
        else if (change.Kind == ChangeKind.Keyspace)
        {
            _floors.Clear();
            _floorCommands.Add(new RespCommand("DEL", _partition.Floors));
            Image = Image with { KeyspaceFloor = sequence, FloorCount = 0 };
        }
    }

    /// <summary>What brings the engine's to this one.</summary>
    public IEnumerable<RespCommand> Commands(StepLimits limits)
    {
        if (Began)
        {
            yield return new RespCommand("DEL", _partition.Floors, _partition.Log);
        }

        foreach (var command in _floorCommands)
        {
            yield return command;
        }

        if (_changes.Count > 0)
        {
            yield return new RespCommand("LPUSH", [_partition.Log, .. _changes.Select(change => (RespArgument)change)]);
            yield return new RespCommand("LTRIM", _partition.Log, 0, limits.ChangesMax - 1);
        }

        if (_isChanged)
        {
            var bytes = new byte[ControlImage.Length];
            (Image with { Life = _life }).Write(bytes);
            yield return new RespCommand("SET", _partition.Control, bytes, "PX", KeepMilliseconds);
            yield return new RespCommand("PEXPIRE", _partition.Log, KeepMilliseconds);
            yield return new RespCommand("PEXPIRE", _partition.Floors, KeepMilliseconds);
        }
    }

    private void RaiseFloor(string scope, long sequence, int floorsMax)
    {
        var count = Image.FloorCount + (_floors.ContainsKey(scope) ? 0 : 1);
        _floors[scope] = sequence;
        _floorCommands.Add(new RespCommand("ZADD", _partition.Floors, sequence, scope));
        var floor = Image.KeyspaceFloor;
        if (count > floorsMax)
        {
            // The oldest merges into the keyspace's floor, which makes stale all that it did and some more.
            var oldest = _floors.MinBy(one => one.Value);
            _floors.Remove(oldest.Key);
            _floorCommands.Add(new RespCommand("ZREM", _partition.Floors, Encoding.UTF8.GetBytes(oldest.Key)));
            (floor, count) = (Math.Max(floor, oldest.Value), count - 1);
        }

        Image = Image with { KeyspaceFloor = floor, FloorCount = count };
    }
}
