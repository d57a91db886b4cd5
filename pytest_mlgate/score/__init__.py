"""The ML Test Score: how ready for production a project is, by a published rubric, each point with its evidence.

E. Breck, S. Cai, E. Nielsen, M. Salib, D. Sculley, "The ML Test Score: A Rubric for ML Production Readiness and
Technical Debt Reduction", IEEE International Conference on Big Data, 2017.
"""
