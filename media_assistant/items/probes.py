"""Queries about nothing in particular: the background that a real query must stand out from."""

from __future__ import annotations

_WORDS = (
    "man,woman,child,crowd,face,hand,dog,cat,horse,bird,fish,insect,tree,flower,grass,fruit,vegetable,bread,meal,drink,"
    "house,street,bridge,tower,room,door,window,chair,table,bed,car,train,bicycle,ship,airplane,road,mountain,river,sea,"
    "beach,forest,sky,snow,rain,fire,night,sunset,city,field,stone,book,letter,paper,computer,telephone,clock,tool,knife,"
    "bottle,cup,shirt,shoe,hat,toy,ball,game,sport,dance,music,guitar,song,speech,laughter,noise,machine,engine,money,"
    "business,school,hospital,law,war,history,science,number,color,red,big,happy,sad,work,travel,family,wedding,holiday,"
    "news,map,sign,light,shadow"
)
PROBES = tuple(_WORDS.split(","))
"""Everyday things, far from each other: what any vector of any library should mostly not be about."""

NONSENSE = ("qzxv", "wqjpk vrtzh", "xkcvbq", "zzqwx", "龘靐", "fjwqk")
"""Letters that are no words: what a network makes of them, it makes of everything that it does not know."""
