namespace Millpond.WarmingUp;

/// <summary>A warm-up as the user declared it, without the type of its keys.</summary>
internal abstract class WarmUpDeclared
{
    public WarmUpOptions Options { get; } = new();

    /// <summary>Whether it wants what the last run left behind, and so leaves something behind for the next one.</summary>
    public bool RemembersKeys { get; set; }

    public abstract int SourceCount { get; }
}

/// <summary>The declaration with its type.</summary>
internal sealed class WarmUpDeclared<TKey> : WarmUpDeclared
    where TKey : notnull
{
    public List<Func<KeySourceParts<TKey>, KeySource<TKey>>> Sources { get; } = [];

    public override int SourceCount => Sources.Count;
}
