"""The words of the law as values and pure rules.
 Agency codes, numbers, kinds, urgency, secrecy, statuses, working days and deadlines. Nothing is exported
here; import the module that tells the story you need.
 Source: each module names its own; all rest on Decree 30/2020/NĐ-CP, Decision 28/2018/QĐ-TTg, Decision
20/2020/QĐ-TTg and QCVN 102:2016/BTTTT.
"""
