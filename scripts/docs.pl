#!/usr/bin/perl
# Writes a header as doxygen wants to read it: the opening page of emb.h becomes the main page, its
# headings become sections, and the four things that each function says become paragraphs.
use strict;
use warnings;

local $/;
my ($file) = @ARGV;
open my $in, '<:encoding(UTF-8)', $file or die "$file: $!";
binmode STDOUT, ':encoding(UTF-8)';
$_ = <$in>;

if ($file =~ m{/emb\.h$}) {
    my %is_function = map { $_ => 1 } /^(?:emb_status |uint32_t |const char \*)(emb_\w+)\(/mg;

    my ($page) = m{^(/\*.*?\*/)}s;
    my $opening = length $page;
    $page =~ s{^/\* emb\.h: (.*)}{/** \@mainpage $1};
    $page =~ s{^ \* (Linking|Objects and ownership|Values|Text|Errors|Threads|Memory|Stability)\. }
              { * \@par $1\n * }mg;
    $page .= "\n/** \@file\n * The C ABI. See the \@ref index \"main page\" first. */\n";

    my $rest = substr $_, $opening;
    my ($begin, $end) = ('@{', '@}');
    my $open = 0;
    my $heading = sub {
        my $title = join ' ', split /\n \* /, shift;
        return ($open++ ? "/** $end */\n" : '') . "/** \@name $title\n $begin */";
    };
    $rest =~ s!/\* -{90,}\n \* (.*?)\n \*/!$heading->($1)!sge;
    $rest =~ s!(#ifdef __cplusplus\n\}  // extern)!/** $end */\n$1!;
    $rest =~ s{(?:^ \*|(?<=\S)) (Ownership|Errors|Threads|Since):(?= |$)}{\n *\n * \@par $1\n *}mg;
    $rest =~ s{^ \* # Safety$}{ * \@par Safety}mg;
    s{`(emb_\w+)`}{$is_function{$1} ? "$1()" : $1}ge for $page, $rest;
    $_ = $page . $rest;
}
# A class that derives from another instance of its own template, which doxygen takes for a circle.
s/ : signature<decltype\(&F::operator\(\)\)>//;
print;
