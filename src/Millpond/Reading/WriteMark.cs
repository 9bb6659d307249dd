namespace Millpond.Reading;

/// <summary>A write under way in this process, and the newest change of its key heard since it began. Guarded by the key's stripe.</summary>
internal sealed class WriteMark<TKey>(TKey key, long beganAt)
{
    public TKey Key { get; } = key;

    public long BeganAt { get; } = beganAt;

    public ChangeMark Mark { get; set; }
}
