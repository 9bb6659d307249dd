namespace Millpond.Tests.Local;

/// <summary>A value of four words that says whose it is and which one, and whether it is whole.</summary>
internal readonly record struct Quad(long Key, long Sequence, long Inverse, long Mixed)
{
    public Quad(int key, long sequence)
        : this(key, sequence, ~sequence, Mix(key, sequence))
    {
    }

    public bool IsWholeOf(int key) => Key == key && Inverse == ~Sequence && Mixed == Mix(Key, Sequence);

    private static long Mix(long key, long sequence) => (key * 1_000_003) ^ (sequence * 0x5851_F42D);
}

/// <summary>A key wider than a word: were it read half from one key and half from another, it would be neither.</summary>
internal readonly record struct WideKey(string Left, long Number, string Right)
{
    public WideKey(int n)
        : this("l" + n, n * 77L, "r" + n)
    {
    }
}
