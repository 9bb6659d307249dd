using System.Formats.Tar;
using System.Text;
using Catalog.Data;

namespace Catalog.Tests;

public sealed class SoftwareLists
{
    [Fact]
    public void A_release_is_read_with_what_its_list_says_of_it()
    {
        Release frogs = Pond64().Releases[0];

        Assert.Equal(("frogs", "Frogs of the Mill (Europe)", 1984, "Weir Software"), (frogs.Code, frogs.Name, frogs.Year, frogs.Publisher));
        Assert.Equal(("WS-0001", "19840521", "Les grenouilles du moulin", "Lock & Sluice"),
            (frogs.Serial, frogs.Released, frogs.OtherName, frogs.Developer));
        Assert.Equal([new ReleasePart("cart", "pond64_cart", 2, 16_384)], frogs.Parts);
    }

    [Fact]
    public void What_is_commented_out_is_not_a_release() => Assert.Equal(["frogs", "frogsu", "heron"], Pond64().Releases.Select(release => release.Code));

    [Fact]
    public void A_doubtful_year_is_a_year_and_a_decade_is_none() => Assert.Equal([1984, 1985, null], Pond64().Releases.Select(release => release.Year));

    [Fact]
    public void A_part_is_called_by_its_label_where_it_has_one()
    {
        Release frogs = ListSource.FromFolder(TemporaryFolder.Fixtures).Single(list => list.Code == "reed_flop").Releases[0];

        Assert.Equal(
            [new ReleasePart("Side A", "floppy_3_5", 1, 737_280), new ReleasePart("flop2", "floppy_3_5", 1, 0)], frogs.Parts);
    }

    [Fact]
    public void The_title_is_the_name_without_its_brackets() =>
        Assert.All(
            ListSource.FromFolder(TemporaryFolder.Fixtures).SelectMany(list => list.Releases).Where(release => release.Code.StartsWith("frogs", StringComparison.Ordinal)),
            release => Assert.Equal("Frogs of the Mill", release.Title));

    [Fact]
    public void A_file_of_another_kind_is_passed_over() =>
        Assert.Equal(["pond64", "reed_flop"], ListSource.FromFolder(TemporaryFolder.Fixtures).Select(list => list.Code));

    [Fact]
    public void A_package_is_read_from_its_archive_and_only_its_lists_are()
    {
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, leaveOpen: true))
        {
            Add(tar, "./usr/share/games/mame/hash/pond64.xml", File.ReadAllText(Path.Combine(TemporaryFolder.Fixtures, "pond64.xml")));
            Add(tar, "./usr/share/games/mame/hash/pond64.hsi", "not XML");
            Add(tar, "./usr/share/doc/reed_flop.xml", File.ReadAllText(Path.Combine(TemporaryFolder.Fixtures, "reed_flop.xml")));
        }

        archive.Position = 0;
        Assert.Equal(["pond64"], ListSource.FromTar(archive).Select(list => list.Code));
    }

    private static ReleaseList Pond64() => ListSource.FromFolder(TemporaryFolder.Fixtures).Single(list => list.Code == "pond64");

    private static void Add(TarWriter tar, string name, string text) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
}
