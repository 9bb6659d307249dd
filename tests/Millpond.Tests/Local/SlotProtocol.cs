namespace Millpond.Tests.Local;

/// <summary>The steps of the slot protocol that a sibling may leave out.</summary>
[Flags]
internal enum Without
{
    Nothing = 0,
    OddVersion = 1,
    EvenLook = 2,
    SecondLook = 4,
    KeyComparison = 8,
    NewVersionForFree = 16,
    DetailAfterSlot = 32,
}

/// <summary>
/// A model of one slot, its lineage and its detail, with writers and a reader a step at a time, each step one access to shared memory. The order of steps is that of the code; that
/// processors keep it is what the barriers there are for.
/// </summary>
/// <remarks>The value of a key's entry is its key times ten and a number; its lineage has the value's number, so an answer shows whether its parts belong together.</remarks>
internal sealed class SlotProtocol(Without without)
{
    private const int Key = 1;

    private readonly Dictionary<int, int> _lineages = [];
    private readonly HashSet<int> _held = [0];
    private int _version;
    private int _key;
    private int _value;
    private int _lineage;
    private int _quiet;
    private int _detail;

    /// <summary>What went wrong; null if nothing.</summary>
    public string? Fault { get; private set; }

    private bool Has(Without step) => (without & step) == 0;

    /// <summary>Writes an entry over what the slot holds, under a lineage whose number may be that of one that has gone.</summary>
    public Action[] Writes(int key, int number, int lineage) =>
    [
        () => _lineages[lineage] = number,
        () => _version += Has(Without.OddVersion) ? 1 : 0,
        () => _key = key,
        () => _value = (key * 10) + number,
        () => _lineage = lineage,
        () => _quiet = number,
        () => (_version, _) = (_version + (Has(Without.OddVersion) ? 1 : 2), _held.Add((key * 10) + number)),
    ];

    /// <summary>Gives the slot back; afterwards its lineage's number may be used anew.</summary>
    public Action[] Frees() =>
    [
        () => _version += Has(Without.NewVersionForFree) ? 1 : 0,
        () => _key = 0,
        () => _value = 0,
        () => _version += Has(Without.NewVersionForFree) ? 1 : 0,
    ];

    /// <summary>Takes the time out of the slot, having put it into a detail; no new version.</summary>
    public Action[] Marks() => [() => _detail = _quiet, () => _quiet = -1];

    /// <summary>Reads by key, as a hit does.</summary>
    public Action[] Hits()
    {
        var (version, key, value, lineage, number) = (0, 0, 0, 0, 0);
        return
        [
            () => (version, _) = (_version, Begin()),
            () => key = _key,
            () => value = _value,
            () => lineage = _lineage,
            () => number = _lineages.GetValueOrDefault(lineage),
            () =>
            {
                var isSame = (_version == version || !Has(Without.SecondLook)) && ((version & 1) == 0 || !Has(Without.EvenLook));
                if (isSame && (key == Key || !Has(Without.KeyComparison)) && key != 0)
                {
                    Require(value / 10 == Key, "The value is another key's.");
                    Require(value % 10 == number, "The lineage is another entry's.");
                    Require(_held.Contains(value), "The value was not held at any moment of the read.");
                }
            },
        ];
    }

    /// <summary>Reads in full: the slot, then the detail, whose time counts if there is one.</summary>
    public Action[] ReadsInFull()
    {
        var (quiet, detail, version) = (0, 0, 0);
        Action slot = () => quiet = _quiet;
        Action beside = () => detail = _detail;
        return
        [
            () => version = _version,
            Has(Without.DetailAfterSlot) ? slot : beside,
            Has(Without.DetailAfterSlot) ? beside : slot,
            () => Require(_version != version || (detail != 0 ? detail : quiet) > 0, "The time is gone from the slot and not yet found beside it."),
        ];
    }

    public void Require(bool holds, string otherwise) => Fault ??= holds ? null : otherwise;

    private bool Begin()
    {
        // What was held before the read began may not be returned, but for what is held now.
        _held.IntersectWith([0, _value]);
        return true;
    }
}
