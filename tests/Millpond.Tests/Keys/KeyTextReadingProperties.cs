using System.Text;
using Millpond.Keys;
using Xunit;

namespace Millpond.Tests.Keys;

/// <summary>There and back for random keys of every type, and garbage. The seed is in the failure; the same seed gives the same keys.</summary>
public class KeyTextReadingProperties
{
    private const int Rounds = 2_000;

    private static readonly string[] Alphabet =
        ["a", "B", "7", "0", ":", "%", "%3A", "%3a", "%00", "%2", "{", "}", "#", " ", "+", "-", "true", "ä", "\u4E2D", "\U0001F600", "\uFEFF"];

    private static readonly string[] Hostile = ["\0", "\r\n", "\u2028", "\uD800", "\uDC00", "\u0667", "%0", "%C3%A4", "::", "e5", "."];

    private enum Colour : byte
    {
        Red = 1,
    }

    private enum Depth : long
    {
        Deep = long.MinValue,
    }

    private readonly record struct Single(string Name);

    private readonly record struct Page(string? Category, int? Number, Colour Colour, (char, bool) Flags, Single Single);

    [Theory]
    [InlineData(1)]
    [InlineData(20260101)]
    public void Every_type_of_one_part_is_read_back(int seed)
    {
        var random = new Random(seed);
        Returns(seed, random, r => "k" + Part(r));
        Returns(seed, random, Character);
        Returns(seed, random, r => r.Next(2) == 0);
        Returns(seed, random, Guid);
        Returns(seed, random, r => DateOnly.FromDayNumber(r.Next(DateOnly.MaxValue.DayNumber + 1)));
        Returns(seed, random, r => (sbyte)Number(r));
        Returns(seed, random, r => (byte)Number(r));
        Returns(seed, random, r => (short)Number(r));
        Returns(seed, random, r => (ushort)Number(r));
        Returns(seed, random, r => (int)Number(r));
        Returns(seed, random, r => (uint)Number(r));
        Returns(seed, random, r => (long)Number(r));
        Returns(seed, random, r => (ulong)Number(r));
        Returns(seed, random, r => (nint)(long)Number(r));
        Returns(seed, random, r => (nuint)(ulong)Number(r));
        Returns(seed, random, Number);
        Returns(seed, random, r => (UInt128)Number(r));
        Returns(seed, random, r => (Colour)(byte)Number(r));
        Returns(seed, random, r => (Depth)(long)Number(r));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20260102)]
    public void Every_type_of_several_parts_is_read_back(int seed)
    {
        var random = new Random(seed);
        Returns(seed, random, r => new Single("s" + Part(r)));
        Returns(seed, random, r => ValueTuple.Create((int)Number(r)));
        Returns(seed, random, r => (PartOrNull(r), Part(r)));
        Returns(seed, random, r => (Part(r), (Part(r), (Part(r), Guid(r)))));
        Returns(seed, random, NextPage);
        Returns(seed, random, r => (NextPage(r), r.Next(2) == 0 ? (Depth?)null : (Depth)r.Next(), r.Next(2) == 0 ? (char?)null : Character(r)));
        Returns(seed, random, r => (1, Part(r), 3, 4, 5, 6, 7, Part(r)));
        Returns(seed, random, r => (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, Part(r), 14, 15, NextPage(r), PartOrNull(r)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20260103)]
    public void Declared_texts_are_read_back(int seed)
    {
        var random = new Random(seed);
        Returns(seed, random, r => new Uri("http://a/" + r.Next()), KeyText<Uri>.Create(uri => uri.OriginalString, read => new Uri(read), null, 4096));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(20260104)]
    public void Garbage_is_no_key_or_the_very_text_of_one(int seed)
    {
        var random = new Random(seed);
        Assert.InRange(KeysAmongGarbage<string>(seed, random), 100, Rounds * 9);
        Assert.InRange(KeysAmongGarbage<int>(seed, random), 10, Rounds * 9);
        Assert.InRange(KeysAmongGarbage<(string, string?)>(seed, random), 100, Rounds * 9);
        Assert.InRange(KeysAmongGarbage<(int?, char)>(seed, random), 1, Rounds * 9);
        KeysAmongGarbage<Guid>(seed, random);
        KeysAmongGarbage<DateOnly>(seed, random);
        KeysAmongGarbage<Colour>(seed, random);
        KeysAmongGarbage<Page>(seed, random);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20260105)]
    public void A_key_text_with_one_character_changed_is_no_key_or_the_very_text_of_another(int seed)
    {
        var random = new Random(seed);
        Changed(seed, random, KeyText<Page>.Create(null, 4096), NextPage);
        Changed(seed, random, KeyText<Guid>.Create(), Guid);
        Changed(seed, random, KeyText<DateOnly>.Create(), r => DateOnly.FromDayNumber(r.Next(DateOnly.MaxValue.DayNumber + 1)));
        Changed(seed, random, KeyText<Int128>.Create(), Number);
    }

    private static void Returns<TKey>(int seed, Random random, Func<Random, TKey> next, KeyText<TKey>? of = null)
        where TKey : notnull
    {
        var text = of ?? KeyText<TKey>.Create(null, 4096);
        for (var i = 0; i < Rounds; i++)
        {
            var (key, tenant) = (next(random), "t" + Part(random));
            var (written, withTenant) = (text.Text(key), text.Text(key, tenant));
            Assert.True(text.TryRead(written, out var read) && EqualityComparer<TKey>.Default.Equals(read, key), $"seed {seed}: {written}");
            Assert.True(text.TryRead(withTenant, out var readTenant, out read), $"seed {seed}: {withTenant}");
            Assert.True(readTenant == tenant && EqualityComparer<TKey>.Default.Equals(read, key), $"seed {seed}: {withTenant}");
        }
    }

    private static int KeysAmongGarbage<TKey>(int seed, Random random)
        where TKey : notnull
    {
        var text = KeyText<TKey>.Create(null, 4096);
        var keys = 0;
        for (var i = 0; i < Rounds * 10; i++)
        {
            keys += IsKeyAsWritten(seed, text, Garbage(random)) ? 1 : 0;
        }

        return keys;
    }

    private static void Changed<TKey>(int seed, Random random, KeyText<TKey> text, Func<Random, TKey> next)
        where TKey : notnull
    {
        for (var i = 0; i < Rounds; i++)
        {
            var written = text.Text(next(random)).ToCharArray();
            written[random.Next(written.Length)] = (char)random.Next(random.Next(8) == 0 ? 0x10000 : 0x80);
            IsKeyAsWritten(seed, text, new string(written));
        }
    }

    private static bool IsKeyAsWritten<TKey>(int seed, KeyText<TKey> text, string garbage)
        where TKey : notnull
    {
        if (text.TryRead(garbage, out var tenant, out var key))
        {
            Assert.True(text.Text(key, tenant) == garbage, $"seed {seed}: {garbage}");
        }

        var isKey = text.TryRead(garbage, out key);
        Assert.True(!isKey || text.Text(key!) == garbage, $"seed {seed}: {garbage}");
        return isKey;
    }

    private static Page NextPage(Random random) =>
        new(PartOrNull(random), random.Next(3) == 0 ? null : (int)Number(random), (Colour)random.Next(256), (Character(random), random.Next(2) == 0), new(Part(random)));

    private static Guid Guid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>Of any size: uniform numbers would nearly all be long.</summary>
    private static Int128 Number(Random random) => new Int128((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64()) >> random.Next(128);

    private static char Character(Random random) => ":%a#\u4E2D \u00A0"[random.Next(7)];

    private static string Part(Random random) => Some(random, 4, Alphabet);

    private static string? PartOrNull(Random random) => random.Next(4) == 0 ? null : Part(random);

    private static string Garbage(Random random) =>
        random.Next(3) == 0 ? Some(random, 6, Hostile) + Part(random) : random.Next(2) == 0 ? Part(random) : Some(random, 8, ["1", "9", "0", ":", "-", "a"]);

    private static string Some(Random random, int count, string[] alphabet)
    {
        var some = new StringBuilder();
        for (var length = random.Next(count); length > 0; length--)
        {
            some.Append(alphabet[random.Next(alphabet.Length)]);
        }

        return some.ToString();
    }
}
